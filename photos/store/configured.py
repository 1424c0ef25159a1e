"""The configured bucket, loaded when it is first asked for: sites without one need no boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import InvalidStorageError, storages

if TYPE_CHECKING:
    from photos.store.bucket import BucketStorage

ALIAS = "media"
# A picture never changes under its name. Private: it is somebody's.
CACHE_CONTROL = "private, max-age=31536000, immutable"


def storage() -> BucketStorage:
    """Raises `ImproperlyConfigured` where there is none."""
    try:
        return cast("BucketStorage", storages[ALIAS])
    except InvalidStorageError as error:
        raise ImproperlyConfigured("MEDIA_S3_BUCKET names no bucket.") from error
