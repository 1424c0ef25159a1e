"""Signed addresses that stay the same for a while.

An address signed now differs from one signed a second ago, so a browser would fetch every picture
again on every page. Signed as of the start of the current window, an object has one address for
everybody, in every process and on every host, until the next window; it is valid for two windows,
so that it has at least one left when it is handed out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from botocore.auth import SIGV4_TIMESTAMP, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from botocore.signers import CloudFrontSigner

from photos.store import windows

# Some pages of 100 pictures in two sizes, for a few events at once.
REMEMBERED = 20_000


class WindowAuth(S3SigV4QueryAuth):  # type: ignore[misc]
    """botocore's signature version 4 for addresses, as of a moment that we choose."""

    def __init__(self, credentials: ReadOnlyCredentials, region: str, start: int) -> None:
        super().__init__(credentials, "s3", region, expires=windows.lifetime_seconds())
        self._timestamp = datetime.fromtimestamp(start, UTC).strftime(SIGV4_TIMESTAMP)

    def add_auth(self, request: AWSRequest) -> None:
        request.context["timestamp"] = self._timestamp
        self._modify_request_before_signing(request)
        text = self.string_to_sign(request, self.canonical_request(request))
        self._inject_signature_to_request(request, self.signature(text, request))


@lru_cache(maxsize=REMEMBERED)
def signed(
    base: str,
    region: str,
    credentials: ReadOnlyCredentials,
    key: str,
    overrides: tuple[tuple[str, str], ...],
    start: int,
) -> str:
    """The address of an object in the window that began at `start`."""
    address = f"{base}/{quote(key)}"
    if overrides:
        address += f"?{urlencode(overrides, quote_via=quote)}"
    request = AWSRequest(method="GET", url=address)
    WindowAuth(credentials, region, start).add_auth(request)
    return str(request.url)


def signed_for_cloudfront(
    signer: CloudFrontSigner, domain: str, key: str, overrides: Mapping[str, str], start: int
) -> str:
    """The address of an object on a CloudFront distribution, which asks for our signature."""
    address = f"https://{domain}/{quote(key)}"
    if overrides:
        address += f"?{urlencode(overrides, quote_via=quote)}"
    until = datetime.fromtimestamp(start + windows.lifetime_seconds(), UTC)
    return str(_cloudfront(signer, address, until))


@lru_cache(maxsize=REMEMBERED)
def _cloudfront(signer: CloudFrontSigner, address: str, until: datetime) -> str:
    return str(signer.generate_presigned_url(address, date_less_than=until))


def base_and_region(address_of_probe: str, probe: str) -> tuple[str, str]:
    """Where a bucket's objects are, and the region to sign for: out of an address boto3 made."""
    parts = urlsplit(address_of_probe)
    scope = parse_qs(parts.query)["X-Amz-Credential"][0]
    path = parts.path.removesuffix(f"/{probe}")
    return f"{parts.scheme}://{parts.netloc}{path}", scope.split("/")[2]
