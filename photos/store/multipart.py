"""Objects that browsers send to the bucket in parts, by addresses signed here."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from botocore import exceptions as boto

from photos.store.configured import CACHE_CONTROL, storage
from photos.store.contract import CHUNK
from photos.store.faults import as_store_unavailable, is_missing, service_code
from photos.store.models import every_kind

PART_VALID_SECONDS = 3600
# S3 refuses smaller parts, but for the last.
SMALLEST_PART_BYTES = 5 * 2**20
INVALID = frozenset(
    {"InvalidPart", "InvalidPartOrder", "EntityTooSmall", "MalformedXML", "InvalidRequest"}
)


class UploadGone(Exception):
    """Neither the upload nor its object is there."""


class InvalidParts(Exception):
    """The parts named do not make an object."""


def begin(folder: str) -> str:
    """The upload's id. Its type is found out from the bytes, so none is declared."""
    with as_store_unavailable():
        answer = _client().create_multipart_upload(
            **_object(folder),
            ContentType="application/octet-stream",
            CacheControl=CACHE_CONTROL,
        )
    return str(answer["UploadId"])


def sign_part(folder: str, upload_id: str, number: int) -> str:
    """Where the browser puts one part."""
    params = {**_object(folder), "UploadId": upload_id, "PartNumber": number}
    with as_store_unavailable():
        return str(
            _client().generate_presigned_url(
                "upload_part", Params=params, ExpiresIn=PART_VALID_SECONDS
            )
        )


def parts(folder: str, upload_id: str) -> list[dict[str, Any]]:
    """Which parts have arrived, as S3 lists them. Raises `UploadGone`."""
    pages = _client().get_paginator("list_parts")
    with as_store_unavailable(), _gone():
        return [
            {"PartNumber": part["PartNumber"], "ETag": part["ETag"], "Size": part["Size"]}
            for page in pages.paginate(**_object(folder), UploadId=upload_id)
            for part in page.get("Parts", [])
        ]


def complete(folder: str, upload_id: str, named: list[dict[str, Any]]) -> int:
    """Make an object of the parts; returns its size. What is done already is done.

    Raises `InvalidParts` and `UploadGone`.
    """
    with as_store_unavailable():
        try:
            _client().complete_multipart_upload(
                **_object(folder), UploadId=upload_id, MultipartUpload={"Parts": named}
            )
        except boto.ClientError as error:
            if service_code(error) in INVALID:
                raise InvalidParts from error
            if service_code(error) != "NoSuchUpload":
                raise
        except boto.ParamValidationError as error:
            raise InvalidParts from error
        with _gone():
            return int(_client().head_object(**_object(folder))["ContentLength"])


def abort(folder: str, upload_id: str) -> None:
    """Forget the parts of an upload that was never finished."""
    with as_store_unavailable():
        try:
            _client().abort_multipart_upload(**_object(folder), UploadId=upload_id)
        except boto.ClientError as error:
            if service_code(error) != "NoSuchUpload":
                raise


@contextmanager
def fetched(folder: str) -> Iterator[BinaryIO]:
    """The object as a file on disk, which is gone afterwards. Raises `UploadGone`."""
    with as_store_unavailable(), tempfile.NamedTemporaryFile() as file:
        with _gone():
            body = _client().get_object(**_object(folder))["Body"]
        for piece in body.iter_chunks(CHUNK):
            file.write(piece)
        file.flush()
        yield cast(BinaryIO, file)


@contextmanager
def _gone() -> Iterator[None]:
    try:
        yield
    except boto.ClientError as error:
        if is_missing(error) or service_code(error) == "NoSuchUpload":
            raise UploadGone from error
        raise


def _client() -> Any:
    return storage().client


def _object(folder: str) -> dict[str, str]:
    bucket = storage()
    name = every_kind()["original"].object_name
    return {"Bucket": bucket.bucket_name, "Key": bucket.key(f"{folder}/{name}")}
