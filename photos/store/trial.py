"""Trying the bucket as FindMe uses it, for `manage.py check --deploy`."""

from __future__ import annotations

import secrets

import urllib3
from botocore import exceptions as boto
from django.conf import settings

from photos.store import multipart, stores
from photos.store.configured import storage
from photos.store.contract import S3, Place, Store
from photos.store.faults import as_store_unavailable
from photos.store.models import holders

# What an operator can do about a fault, by the codes of `faults`. These words stand apart from
# those of `findme.refusals`, which ask guests to tell whoever runs the site: here it is the one who
# does that reads, in a terminal, and needs the settings to look at.
ADVICE = {
    "store_missing": "it does not exist (MEDIA_S3_BUCKET, MEDIA_S3_ENDPOINT)",
    "store_denied": "the credentials are wrong, expired or lack a right "
    "(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, or the host's role)",
    "store_region": "it is in another region (MEDIA_S3_REGION)",
    "store_unreachable": "the service does not answer (MEDIA_S3_ENDPOINT, MEDIA_S3_REGION, the "
    "network)",
    "store_busy": "the service says that it has too much to do; try again later",
    "store_full": "the service has no space left",
    "store_refused": "the service refuses a request (for an S3-compatible one, try "
    "MEDIA_S3_CHECKSUMS=when_required or MEDIA_S3_ADDRESSING=path)",
}
FOLDER_PARENT = "trial"
DATA = b"FindMe tries its bucket."
TIMEOUT_SECONDS = 10


def problems() -> list[str]:
    """What does not work with the bucket. Raises `StoreUnavailable`."""
    folder = f"{FOLDER_PARENT}/{secrets.token_hex(8)}"
    place = Place(S3, "", 0, folder)
    bucket_store = stores.named(S3)
    bucket = storage()
    key = bucket.key(f"{folder}/original")
    with as_store_unavailable():
        bucket.client.put_object(Bucket=bucket.bucket_name, Key=key, Body=DATA)
        try:
            found = _reading(bucket_store, place)
            found += _signed(bucket_store.address(place, "original", {}) or "")
            found += _public(f"{bucket.base_and_region[0]}/{key}")
            if settings.MEDIA_DIRECT_UPLOAD:
                _in_parts(folder)
            bucket.client.list_objects_v2(Bucket=bucket.bucket_name, MaxKeys=1)
        finally:
            _remove(key)
    return found


def reachable() -> None:
    """One cheap question. Raises `StoreUnavailable`."""
    bucket = storage()
    with as_store_unavailable():
        bucket.client.list_objects_v2(
            Bucket=bucket.bucket_name, Prefix=bucket.key(f"{FOLDER_PARENT}/"), MaxKeys=1
        )


def rows_in_buckets() -> int:
    return sum(model._default_manager.filter(store=S3).count() for model in holders())


def cors_problem(origin: str) -> str:
    """Why browsers could not send originals to the bucket; nothing if they can."""
    bucket = storage()
    key = bucket.key(f"{FOLDER_PARENT}/{secrets.token_hex(8)}/original")
    params = {"Bucket": bucket.bucket_name, "Key": key}
    with as_store_unavailable():
        address = bucket.client.generate_presigned_url("put_object", Params=params)
        try:
            return _preflight_problem(address, origin) or _answer_problem(address, origin)
        finally:
            _remove(key)


def _preflight_problem(address: str, origin: str) -> str:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type",
    }
    answer = _http("OPTIONS", address, asked)
    allowed = "" if answer is None else answer.headers.get("Access-Control-Allow-Origin", "")
    if allowed in ("*", origin):
        return ""
    return f"The bucket's CORS rules let no browser on {origin} upload to it."


def _answer_problem(address: str, origin: str) -> str:
    """Without the ETag of each part, a browser would have to ask the site for it."""
    answer = _http("PUT", address, {"Origin": origin}, DATA)
    exposed = "" if answer is None else answer.headers.get("Access-Control-Expose-Headers", "")
    if exposed == "*" or "etag" in exposed.lower().replace(" ", "").split(","):
        return ""
    return "The bucket's CORS rules do not expose the header ETag: uploads to it are slow."


def _reading(bucket_store: Store, place: Place) -> list[str]:
    if bucket_store.read(place, "original") != DATA:
        return ["What is read from the bucket is not what was stored."]
    if b"".join(bucket_store.chunks(place, "original", 5, 9)) != DATA[5:9]:
        return ["The bucket ignores the range asked for."]
    return []


def _in_parts(folder: str) -> None:
    """Begin an upload and give it up, as those straight to the bucket do."""
    upload_id = multipart.begin(folder)
    multipart.parts(folder, upload_id)
    multipart.abort(folder, upload_id)


def _signed(address: str) -> list[str]:
    answer = _http("GET", address)
    if answer is not None and answer.status == 200 and answer.data == DATA:
        return []
    how = "nothing" if answer is None else answer.status
    return [f"A signed address does not give the picture: {how} instead of 200."]


def _public(address: str) -> list[str]:
    answer = _http("GET", address)
    if answer is not None and answer.status == 200:
        return ["The bucket is public: objects can be read without a signature. Block that."]
    return []


def _remove(key: str) -> None:
    """Delete an object as `emptying` does, so that the right to do so is tried too."""
    bucket = storage()
    answer = bucket.client.delete_objects(
        Bucket=bucket.bucket_name, Delete={"Objects": [{"Key": key}], "Quiet": True}
    )
    for error in answer.get("Errors", []):
        raise boto.ClientError({"Error": {"Code": error["Code"]}}, "DeleteObjects")


def _http(
    method: str, address: str, headers: dict[str, str] | None = None, body: bytes | None = None
) -> urllib3.BaseHTTPResponse | None:
    """The answer as a browser gets it; None where there is none."""
    try:
        return urllib3.request(
            method, address, headers=headers, body=body, timeout=TIMEOUT_SECONDS, retries=False
        )
    except urllib3.exceptions.HTTPError:
        return None
