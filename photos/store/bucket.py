"""Bytes in an S3-compatible bucket, through django-storages."""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore import exceptions as boto
from botocore.config import Config
from botocore.credentials import Credentials
from django.core.files import File
from storages.backends.s3 import S3Storage

from photos.store import removals, signing, windows
from photos.store.configured import CACHE_CONTROL, storage
from photos.store.contract import CHUNK, S3, Content, Place
from photos.store.faults import StoreUnavailable, as_store_unavailable, is_missing
from photos.store.models import every_kind


class BucketStorage(S3Storage):  # type: ignore[misc]
    """django-storages' S3, private and signed whatever the environment says.

    It adds what Django's storage interface has no word for: parts, ranges, stable addresses.
    """

    def __init__(self, *, checksums: str, **options: Any) -> None:
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": options.get("addressing_style")},
            request_checksum_calculation=checksums,
            response_checksum_validation=checksums,
            connect_timeout=5,
            read_timeout=30,
            retries={"mode": "standard", "max_attempts": 3},
        )
        # In this thread, part by part: ten threads would hold ten parts at once.
        transfer = TransferConfig(use_threads=False)
        super().__init__(**options, client_config=config, transfer_config=transfer)

    @property
    def client(self) -> Any:
        return self.connection.meta.client

    def key(self, name: str) -> str:
        """An object's name in the bucket, prefix included."""
        return posixpath.join(self.location, name)

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        return {**super().get_object_parameters(name), "CacheControl": CACHE_CONTROL}

    @cached_property
    def credentials(self) -> Credentials:
        """The same as the client has, which keeps its own private. A role's renew themselves."""
        session = boto3.Session(
            profile_name=self.session_profile,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            aws_session_token=self.security_token,
        )
        credentials = session.get_credentials()
        if credentials is None:
            raise StoreUnavailable("store_denied", "no credentials")
        return credentials

    @cached_property
    def base_and_region(self) -> tuple[str, str]:
        params = {"Bucket": self.bucket_name, "Key": "probe"}
        return signing.base_and_region(
            self.client.generate_presigned_url("get_object", Params=params), "probe"
        )


class BucketStore:
    name = S3
    readable_before_commit = True

    def prepare(self, folder: str, pictures: Mapping[str, Content]) -> removals.PreparedObjects:
        """The folder is booked for removal first: whatever dies, nothing stays unnoticed."""
        reservation = removals.reserve(folder)
        with as_store_unavailable():
            for kind, data in pictures.items():
                self._put(_name(folder, kind), data)
        return removals.PreparedObjects(folder, reservation)

    def read(self, place: Place, kind: str) -> bytes | None:
        with as_store_unavailable():
            body = self._body(place, kind, None)
            return None if body is None else body.read()

    def chunks(
        self, place: Place, kind: str, start: int = 0, stop: int | None = None
    ) -> Iterator[bytes]:
        if start == stop:
            return
        whole = (start, stop) == (0, None)
        last = "" if stop is None else stop - 1
        with as_store_unavailable():
            body = self._body(place, kind, None if whole else f"bytes={start}-{last}")
            if body is not None:
                try:
                    yield from body.iter_chunks(CHUNK)
                finally:
                    body.close()

    def address(self, place: Place, kind: str, overrides: Mapping[str, str]) -> str | None:
        bucket = storage()
        key = bucket.key(_name(place.folder, kind))
        start = windows.start()
        if bucket.custom_domain:
            return signing.signed_for_cloudfront(
                bucket.cloudfront_signer, bucket.custom_domain, key, overrides, start
            )
        with as_store_unavailable():
            credentials = bucket.credentials.get_frozen_credentials()
            base, region = bucket.base_and_region
        return signing.signed(base, region, credentials, key, tuple(overrides.items()), start)

    def _put(self, name: str, data: Content) -> None:
        content = io.BytesIO(data) if isinstance(data, bytes) else data
        content.seek(0)
        storage().save(name, File(content, name=name))

    def _body(self, place: Place, kind: str, byte_range: str | None) -> Any:
        """The running answer, or None where there is no such object."""
        bucket = storage()
        params = {
            "Bucket": bucket.bucket_name,
            "Key": bucket.key(_name(place.folder, kind)),
        }
        if byte_range:
            params["Range"] = byte_range
        try:
            return bucket.client.get_object(**params)["Body"]
        except boto.ClientError as error:
            if is_missing(error):
                return None
            raise


def _name(folder: str, kind: str) -> str:
    return f"{folder}/{every_kind()[kind].object_name}"
