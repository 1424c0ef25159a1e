"""A face is cut out of its photo as a square with some room, as sharp as the photo has it."""

import io

import pytest
from PIL import Image

from faces.finding import face_pictures
from photos.store import reading
from photos.store.faults import StoreUnavailable
from tests.builders import image_bytes, make_face, make_photo

pytestmark = pytest.mark.django_db


def cut(face, **more):
    return Image.open(io.BytesIO(face_pictures.jpeg_of(face, **more)))


@pytest.fixture
def group(event):
    """A large photo with a small face in it: 60 of 4,000 pixels."""
    original, preview = (image_bytes(size) for size in [(4000, 3000), (2048, 1536)])
    photo = make_photo(event, width=4000, height=3000, original=original, preview_data=preview)
    return make_face(photo, left=0.5, top=0.5, width=0.015, height=0.02)


def test_it_is_a_square_with_room_around_the_face(event):
    face = make_face(make_photo(event), left=0.4, top=0.4, width=0.1, height=0.2)
    assert cut(face, side=480).size == (173, 173)  # of 96 pixels, and 0.4 on each side


@pytest.mark.parametrize(("left", "top"), [(0, 0), (0.95, 0), (0, 0.9), (0.95, 0.9)])
def test_at_an_edge_the_square_stays_within_the_photo(event, left, top):
    face = make_face(make_photo(event), left=left, top=top, width=0.05, height=0.1)
    assert cut(face).size == (86, 86)


def test_a_face_that_fills_the_photo_is_the_photo(event):
    face = make_face(make_photo(event), left=0, top=0, width=1, height=1)
    assert cut(face, side=640).size == (480, 480)


def test_a_small_face_is_cut_from_the_original(group):
    """The preview has half the pixels."""
    assert cut(group, side=480).size == (108, 108)


def test_a_thumbnail_takes_no_more_than_it_needs(group, monkeypatch):
    face = make_face(group.photo, left=0.4, top=0.4, width=0.3, height=0.4)
    asked_for = []
    read = reading.read_of
    monkeypatch.setattr(
        reading, "read_of", lambda row, kind: asked_for.append(kind) or read(row, kind)
    )
    cut(face)
    assert asked_for == ["preview"]


def test_where_the_original_cannot_be_had_the_preview_serves(group, monkeypatch):
    read = reading.read_of

    def away(row, kind):
        if kind == "original":
            raise StoreUnavailable("bucket_unreachable", "")
        return read(row, kind)

    monkeypatch.setattr(reading, "read_of", away)
    assert cut(group, side=480).size == (55, 55)


def test_an_original_of_very_many_pixels_is_not_decoded(group, monkeypatch):
    monkeypatch.setattr(face_pictures, "MOST_MEGAPIXELS", 10)
    assert cut(group, side=480).size == (55, 55)


def test_without_a_preview_there_is_none(event):
    assert face_pictures.jpeg_of(make_face(make_photo(event, preview_data=None))) is None
