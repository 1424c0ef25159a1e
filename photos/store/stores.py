"""Which store a row's pictures are in, and which one new pictures go to."""

from __future__ import annotations

from django.conf import settings

from photos.store.contract import S3, Store
from photos.store.database import DatabaseStore, demand_space


def named(name: str) -> Store:
    """The store of a row. The bucket's module is loaded late: sites without one need no boto3."""
    if name == S3:
        from photos.store.bucket import BucketStore

        return BucketStore()
    return DatabaseStore()


def for_new() -> Store:
    """The store of new pictures. Raises `StoreUnavailable` where the database has no space even
    for their rows."""
    demand_space(0)
    return named(settings.MEDIA_STORE)
