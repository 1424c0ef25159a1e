"""Bytes in and out of the database, unchanged."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from photos.models import Photo
from photos.store import blobs
from tests.builders import make_photo

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("data", [b"", b"\xff" * 10, bytes(range(256)) * 20_000])
def test_bytes_come_back_as_they_went_in(event, data):
    with transaction.atomic():
        photo = make_photo(event, preview_data=blobs.staged(data))
    assert blobs.fetch("photos_photo", "preview_data", photo.pk) == data
    assert bytes(Photo.objects.defer(None).get(pk=photo.pk).preview_data) == data


def test_several_in_one_transaction_do_not_mix(event):
    photos = [make_photo(event, preview_data=blobs.staged(data)) for data in (b"one", b"two")]
    assert [blobs.fetch("photos_photo", "preview_data", p.pk) for p in photos] == [b"one", b"two"]


def test_queries_may_be_watched(event):
    """As with DEBUG, where Django puts a cursor of its own between."""
    with CaptureQueriesContext(connection), transaction.atomic():
        photo = make_photo(event, preview_data=blobs.staged(b"watched"))
    with CaptureQueriesContext(connection):
        assert blobs.fetch("photos_photo", "preview_data", photo.pk) == b"watched"


def test_nothing_is_none(event):
    photo = make_photo(event, preview_data=None)
    assert blobs.fetch("photos_photo", "preview_data", photo.pk) is None
    assert blobs.fetch("photos_photo", "preview_data", photo.pk + 1) is None
