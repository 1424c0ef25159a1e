"""Of a picture's notes: times that are believed stay, written anew, and nothing behind them."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from PIL import ExifTags, Image

from photos.imaging import images, pieces, stripping
from photos.imaging.capture_time import CHANGED, DIGITIZED, ORIGINAL
from photos.imaging.stripping import strip
from tests.photos.imaging import films
from tests.photos.imaging.test_stripping import KINDS, TAKEN, exif_of, photo_of, pixels

LIMITS = {"max_bytes": 10**7, "max_megapixels": 50}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("clock", [CHANGED, ORIGINAL, DIGITIZED])
def test_a_time_stays_where_it_is_all_that_notes_say(kind, clock):
    exif = Image.Exif()
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    (exif if clock is CHANGED else inner)[clock.tag] = TAKEN
    inner[clock.fraction], inner[clock.offsets[0]] = "12", "+02:00"
    out = io.BytesIO()
    Image.new("RGB", (64, 64)).save(out, kind, exif=exif.tobytes())
    found = exif_of(strip(out.getvalue()))
    inner = found.get_ifd(ExifTags.IFD.Exif)
    assert (found if clock is CHANGED else inner)[clock.tag] == TAKEN
    assert (inner[clock.fraction], inner[clock.offsets[0]]) == ("12", "+02:00")


@pytest.mark.parametrize("unlikely", ["2099:01:01 00:00:00", "1980:01:01 00:00:00", "x", "12"])
def test_a_time_that_we_do_not_believe_is_not_claimed(unlikely):
    exif = Image.Exif()
    exif[ExifTags.Base.DateTime] = unlikely
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = unlikely
    assert stripping.kept_of(exif.tobytes()) == b""


@pytest.mark.parametrize("behind", ["+02:00", ".5+02", " +0200"])
def test_an_offset_behind_the_time_stays(behind):
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"{TAKEN}{behind}"
    found = Image.Exif()
    found.load(stripping.kept_of(exif.tobytes()))
    kept = found.get_ifd(ExifTags.IFD.Exif)
    assert kept[ExifTags.Base.DateTimeOriginal] == TAKEN
    assert kept[ExifTags.Base.OffsetTimeOriginal] == "+02:00"


def test_what_stands_behind_a_time_goes():
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"{TAKEN} Ada,52.51N"
    kept = stripping.kept_of(exif.tobytes())
    assert TAKEN.encode() in kept
    assert b"Ada" not in kept


def test_whether_a_time_is_believed_is_settled_when_the_photo_arrives():
    now = datetime.now(UTC)
    ahead = now + timedelta(days=9)
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"{ahead:%Y:%m:%d %H:%M:%S}"
    assert stripping.kept_of(exif.tobytes(), arrived=now) == b""
    assert stripping.kept_of(exif.tobytes(), arrived=ahead) != b""
    out = io.BytesIO()
    Image.new("RGB", (64, 64)).save(out, "JPEG", exif=exif.tobytes())
    then, later = (stripping.stripped(out.getvalue(), arrived=day) for day in (now, ahead))
    assert pieces.length(then) < pieces.length(later)


def test_a_thumbnail_in_the_first_segment_goes():
    data = photo_of("JPEG")
    at = data.index(b"JFIF")
    head = data[: at + 12] + b"\x01\x01" + b"RGB"
    size = (len(head) - at + 2).to_bytes(2)
    filled = head[: at - 2] + size + head[at:] + data[at + 14 :]
    assert b"RGB" in filled[: at + 20]
    assert strip(filled) == strip(data)
    assert np.array_equal(pixels(filled), pixels(strip(filled)))


def test_notes_of_a_webp_that_it_does_not_announce_go():
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    out = io.BytesIO()
    Image.new("RGB", (64, 64)).save(out, "WEBP", exif=exif.tobytes())
    data = bytearray(out.getvalue())
    data[20] &= ~0x08
    assert exif_of(strip(bytes(data))).get(ExifTags.Base.Orientation) is None


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
@pytest.mark.parametrize("has_time", [True, False])
def test_a_picture_whose_notes_go_can_be_opened(kind, has_time):
    """Readers refuse notes that are only zeros."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "SECRET-OF-A-LONG-NAME"
    if has_time:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = TAKEN
    out = io.BytesIO()
    Image.new("RGB", (96, 96), "red").save(out, kind, exif=exif.tobytes())
    data = strip(out.getvalue())
    assert b"SECRET" not in data
    assert (images.inspect(data, **LIMITS).taken_at is not None) == has_time
    assert np.array_equal(pixels(data), pixels(out.getvalue()))


@pytest.mark.parametrize("kind", [b"crtt", b"altt", b"cmex", b"abcd"])
def test_what_a_heic_says_of_its_picture_goes(kind):
    data = photo_of("HEIF").replace(b"pixi", kind)  # which pictures are shown without
    assert kind in data
    assert kind not in strip(data)
    assert np.array_equal(pixels(strip(data)), pixels(data))


def test_when_a_film_was_made_goes():
    tracks = [(b"pict", [b"picture-one", b"picture-two"])]
    data = films.with_tracks(photo_of("HEIF"), *tracks)
    at = data.rindex(b"mvhd") + 8
    dated = data[:at] + b"WHENWHEN" + data[at + 8 :]
    assert b"WHENWHEN" not in strip(dated)
