"""What both stores do alike."""

import io

import pytest

from photos.intake.ingest import ingest
from photos.models import Photo
from photos.store import contract, faults, reading, stores
from photos.store.models import OriginalPiece, new_folder
from tests.builders import make_selfie
from tests.fakes import picture

pytestmark = [pytest.mark.s3, pytest.mark.django_db]

DATA = bytes(range(256)) * 12_000  # 3 MB: several pieces


@pytest.fixture(params=["database", "s3"])
def used(request, settings):
    """The store of new pictures."""
    if request.param == "s3":
        request.getfixturevalue("bucket_name")
    settings.MEDIA_STORE = request.param
    return stores.for_new()


@pytest.fixture
def photo(used, event):
    taken = ingest(event=event, data=picture([1]), name="a.jpg", uploader=None)
    put(used, taken.photo, {"original": DATA, "thumbnail": b"small"})
    return Photo.objects.get()


def put(used, photo, pictures):
    """In place of what the photo has."""
    prepared = used.prepare(photo.folder, pictures)
    OriginalPiece.objects.all().delete()
    Photo.objects.update(byte_size=len(DATA), **prepared.fields())
    prepared.attach(photo.pk)


def test_what_was_put_in_comes_out(photo, used):
    assert photo.store == used.name
    assert reading.read(Photo, photo.pk, "original") == DATA
    assert reading.read_of(photo, "thumbnail") == b"small"


def test_a_file_is_as_good_as_bytes(photo, used):
    put(used, photo, {"original": io.BytesIO(DATA[::-1])})
    assert reading.read(Photo, photo.pk, "original") == DATA[::-1]


def test_what_is_not_there_is_none(photo):
    assert reading.read_of(photo, "preview") is None
    assert reading.read(Photo, photo.pk + 1, "original") is None


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 1), (5, 6), (2**20 - 1, 2**21 + 1), (0, 3 * 2**20)]
)
def test_a_part_is_that_part(photo, start, stop):
    stop = min(stop, len(DATA))
    assert b"".join(reading.stream(photo, "original", start, stop)) == DATA[start:stop]


def test_pieces_are_small(photo):
    pieces = list(reading.stream(photo, "original", 0, len(DATA)))
    assert max(map(len, pieces)) <= contract.CHUNK


def test_bytes_that_end_too_early_are_missing(photo):
    with pytest.raises(faults.PictureMissing):
        list(reading.stream(photo, "original", 0, len(DATA) + 1))


def test_a_selfie_is_kept_the_same_way(used, guest):
    prepared = used.prepare(new_folder("selfies"), {"selfie": b"me"})
    selfie = make_selfie(guest, **({"image_data": None} | prepared.fields()))
    assert reading.read_of(selfie, "selfie") == b"me"
