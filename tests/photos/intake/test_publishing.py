"""A photo is made ready: its renditions are where the row says."""

import pytest

from photos.imaging import images, renditions
from photos.intake import publishing
from photos.store import reading
from tests.builders import image_bytes, make_photo


@pytest.mark.django_db
def test_a_published_photo_has_them_all(event):
    nothing = {"preview_data": None, "medium_data": None, "thumbnail_data": None}
    photo = make_photo(event, status="processing", **nothing)
    result = renditions.make(images.decode(image_bytes((1200, 900)), min_side=None))
    assert publishing.publish(photo.pk, result)
    photo.refresh_from_db()
    assert photo.status == "ready"
    for kind in ("preview", "medium", "thumbnail"):
        assert reading.read_of(photo, kind) == getattr(result, kind)
