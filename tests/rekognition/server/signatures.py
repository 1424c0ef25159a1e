"""Signature version 4, recomputed with botocore's own signer."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.rekognition.server.wire import Refused

SERVICE = "rekognition"
MAX_SKEW = timedelta(minutes=5)
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 "
    r"Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request, ?"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
)


@dataclass(frozen=True)
class Keys:
    """The one account that the server knows."""

    access_key: str
    secret_key: str
    region: str


def check(keys: Keys, url: str, headers: Message, body: bytes, now: datetime) -> None:
    """Raises `Refused` unless the request was signed with the keys, in these minutes."""
    if not headers.get("Authorization"):
        raise Refused("MissingAuthenticationTokenException", "Missing Authentication Token")
    claim = AUTHORIZATION.fullmatch(headers["Authorization"])
    if claim is None or not {"host", "x-amz-date"} <= set(claim["headers"].split(";")):
        raise Refused("IncompleteSignatureException", "Authorization header is incomplete")
    if claim["key"] != keys.access_key or "X-Amz-Security-Token" in headers:
        text = "The security token included in the request is invalid."
        raise Refused("UnrecognizedClientException", text)
    if (claim["region"], claim["service"]) != (keys.region, SERVICE):
        raise _bad(f"Credential should be scoped to {SERVICE} in {keys.region}.")
    _check_date(headers.get("X-Amz-Date", ""), claim["day"], now)
    expected = _signature(keys, url, headers, body, claim["headers"].split(";"))
    if not hmac.compare_digest(expected, claim["signature"]):
        raise _bad(MISMATCH)


def _check_date(stamp: str, day: str, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(stamp, SIGV4_TIMESTAMP).replace(tzinfo=UTC)
    except ValueError as error:
        raise Refused("IncompleteSignatureException", "X-Amz-Date is malformed") from error
    if not stamp.startswith(day):
        raise _bad("Date in Credential scope does not match that of X-Amz-Date.")
    if abs(now - signed_at) > MAX_SKEW:
        what = "Signature expired" if signed_at < now else "Signature not yet current"
        raise _bad(f"{what}: it is of {stamp}, and now is {now:{SIGV4_TIMESTAMP}}")


def _signature(keys: Keys, url: str, headers: Message, body: bytes, signed: list[str]) -> str:
    kept = {name: headers[name] for name in signed if name in headers}
    request = AWSRequest("POST", url, headers=kept, data=body)
    # Where it is there the signer believes it, so it must be true.
    if "x-amz-content-sha256" in kept:
        request.headers["x-amz-content-sha256"] = hashlib.sha256(body).hexdigest()
    request.context["timestamp"] = headers["X-Amz-Date"]
    signer = SigV4Auth(Credentials(keys.access_key, keys.secret_key), SERVICE, keys.region)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    return str(signer.signature(text, request))


def _bad(message: str) -> Refused:
    return Refused("InvalidSignatureException", message)
