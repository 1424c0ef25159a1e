"""What can be wrong with a store, told apart by what somebody could do about it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as boto
from django.db import OperationalError
from psycopg2 import errors as postgres

from findme.refusals import Refusal

MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
_CODES = {
    "store_missing": {"NoSuchBucket"},
    "store_denied": {
        "403",
        "AccessDenied",
        "AllAccessDisabled",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "RequestTimeTooSkewed",
        "TokenRefreshRequired",
    },
    "store_region": {
        "301",
        "307",
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
        "PermanentRedirect",
        "TemporaryRedirect",
    },
    "store_busy": {
        "503",
        "InternalError",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequests",
    },
    "store_full": {"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage"},
}
_BY_CODE = {theirs: ours for ours, codes in _CODES.items() for theirs in codes}
_NO_CREDENTIALS = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.TokenRetrievalError,
    boto.UnauthorizedSSOTokenError,
    boto.ProfileNotFound,
)

_NETWORK = (boto.HTTPClientError, boto.ConnectionError, boto.IncompleteReadError)


class StoreUnavailable(Refusal):
    """The fault is the store's, not the picture's: another attempt later is worth it."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code} {self.detail}".strip()


class PictureSpoilt(Refusal):
    """What a row says of its pictures does not hold. `picture` says which one it is."""

    def __init__(self, code: str, picture: str) -> None:
        super().__init__(code)
        self.picture = picture

    def __str__(self) -> str:
        return self.picture


class PictureMissing(PictureSpoilt):
    """A row says that a picture is somewhere, and it is not."""

    def __init__(self, picture: str) -> None:
        super().__init__("picture_missing", picture)


@contextmanager
def as_store_unavailable() -> Iterator[None]:
    """Raise what a service, the database or a disk complains of as `StoreUnavailable`."""
    try:
        yield
    except (boto.BotoCoreError, boto.ClientError) as error:
        raise StoreUnavailable(code_of(error), _detail(error)) from error
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise StoreUnavailable("store_full") from error
    except OperationalError as error:
        if not isinstance(error.__cause__, postgres.DiskFull):
            raise
        raise StoreUnavailable("store_full") from error


def code_of(error: Exception) -> str:
    """Our code for an error of botocore."""
    if isinstance(error, boto.ClientError):
        return _BY_CODE.get(service_code(error), "store_refused")
    if isinstance(error, _NO_CREDENTIALS):
        return "store_denied"
    if isinstance(error, _NETWORK):
        return "store_unreachable"
    return "store_refused"


def service_code(error: boto.ClientError) -> str:
    """The service's own word for it. Answers to HEAD have no body, only a status."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_missing(error: boto.ClientError) -> bool:
    return service_code(error) in MISSING


def _detail(error: Exception) -> str:
    """For the log and for `check`: the service's code, never its text, which may name secrets."""
    if isinstance(error, boto.ClientError):
        return f"{error.operation_name}: {service_code(error)}"
    return type(error).__name__
