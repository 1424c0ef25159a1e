"""What leaves with a guest: the picture bit by bit, and nothing about its maker or its place."""

from __future__ import annotations

import hashlib
import io
import struct
import tracemalloc
from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms

from photos.imaging import heif, images, pieces, stripping
from photos.imaging.stripping import Unstrippable, strip
from tests.photos.imaging import films

KINDS = ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"]
SECRETS = [b"SERIAL-4711", b"MAKER-NOTE", b"OWNER-NAME", b"XMP-PLACE", b"IPTC-PLACE", b"COMMENT"]
TAKEN = "2026:06:20 14:03:22"
IPTC = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0eIPTC-PLACE"


def notes(orientation: int = 1) -> bytes:
    """What a talkative camera writes."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Artist] = "OWNER-NAME"
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    inner[ExifTags.Base.DateTimeOriginal] = TAKEN
    inner[ExifTags.Base.OffsetTimeOriginal] = "+02:00"
    inner[ExifTags.Base.BodySerialNumber] = "SERIAL-4711"
    inner[ExifTags.Base.CameraOwnerName] = "OWNER-NAME"
    inner[ExifTags.Base.MakerNote] = b"MAKER-NOTE"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[1], place[2] = "N", (48.0, 51.0, 30.0)
    return exif.tobytes()


def photo_of(
    kind: str, *, size=(96, 64), seed=0, mode="RGB", orientation=1, padding=b"", **save
) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), np.uint8)
    out = io.BytesIO()
    if kind != "PNG":
        save.setdefault("xmp", b"<x:xmpmeta>XMP-PLACE</x:xmpmeta>")
    if kind == "JPEG":
        save["comment"] = b"COMMENT"
    picture = Image.fromarray(noise).convert(mode)
    picture.save(out, kind, exif=notes(orientation) + padding, **save)
    data = out.getvalue()
    return (
        data[:2] + struct.pack(">BBH", 255, 0xED, len(IPTC) + 2) + IPTC + data[2:]
        if (kind == "JPEG")
        else data
    )


def large(kind: str, megabytes: int = 16) -> bytes:
    """A photo with much in it, or with much that is blanked."""
    data, length = photo_of(kind), megabytes * 2**20
    if kind == "JPEG":
        return data[:-2] + b"\x01" * length + data[-2:]
    if kind == "PNG":
        chunk = struct.pack(">I4s", 2**13, b"IDAT") + bytes(2**13 + 4)
        return data[:-12] + chunk * (length >> 13) + data[-12:]
    if kind == "WEBP":
        body = data[8:] + struct.pack("<4sI", b"ANMF", length) + bytes(length)
        return b"RIFF" + struct.pack("<I", len(body)) + body
    return data + struct.pack(">I4s", length, b"mpvd") + b"\x01" * (length - 8)


def pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def exif_of(data: bytes) -> Image.Exif:
    exif = Image.Exif()
    with Image.open(io.BytesIO(data)) as image:
        exif.load(image.info.get("exif", b""))
    return exif


@pytest.mark.parametrize("kind", KINDS)
@given(
    width=st.integers(1, 130),
    height=st.integers(1, 130),
    seed=st.integers(0, 2**32 - 1),
    orientation=st.integers(1, 8),
)
@settings(max_examples=25, deadline=None)
def test_pixels_stay_and_secrets_go_whatever_the_picture(kind, width, height, seed, orientation):
    if kind == "HEIF":
        width, height = width + 64, height + 64
    data = photo_of(kind, size=(width, height), seed=seed, orientation=orientation)
    stripped = strip(data)
    assert np.array_equal(pixels(data), pixels(stripped))
    assert [secret for secret in SECRETS if secret in stripped] == []
    exif = exif_of(stripped)
    assert not exif.get_ifd(ExifTags.IFD.GPSInfo)
    # What no camera's notes say of an AVIF, its container does.
    assert exif.get(ExifTags.Base.Orientation, 1) == (1 if kind == "HEIF" else orientation)
    assert exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] == TAKEN
    assert strip(stripped) == stripped


def test_the_secrets_were_there():
    data = photo_of("JPEG")
    assert [secret for secret in SECRETS if secret not in data] == []
    assert exif_of(data).get_ifd(ExifTags.IFD.GPSInfo)


@pytest.mark.parametrize(
    ("kind", "mode", "save"),
    [
        ("JPEG", "L", {}),
        ("JPEG", "CMYK", {}),
        ("JPEG", "RGB", {"progressive": True}),
        ("JPEG", "RGB", {"subsampling": 0, "restart_marker_blocks": 2}),
        ("JPEG", "RGB", {"keep_rgb": True}),
        ("PNG", "P", {}),
        ("PNG", "RGBA", {}),
        ("PNG", "I;16", {}),
        ("WEBP", "RGBA", {"lossless": True}),
        ("HEIF", "RGBA", {}),
    ],
)
def test_every_way_to_write_pixels_is_left_alone(kind, mode, save):
    data = photo_of(kind, size=(97, 83), mode="L" if mode == "I;16" else mode, **save)
    assert np.array_equal(pixels(data), pixels(strip(data)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_colour_profile_stays(kind):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    stripped = strip(photo_of(kind, icc_profile=profile))
    with Image.open(io.BytesIO(stripped)) as image:
        assert image.info["icc_profile"] == profile


@pytest.mark.parametrize("kind", KINDS)
def test_our_own_reader_sees_the_same_size_and_time_and_no_camera(kind):
    data = photo_of(kind, size=(180, 120), orientation=6)
    limits = {"max_bytes": 10**7, "max_megapixels": 10}
    before = images.inspect(data, **limits)
    assert before.device
    assert images.inspect(strip(data), **limits) == replace(before, device=None)


@pytest.mark.parametrize("marker", [0xE0, 0xE1, 0xE2, 0xE5, 0xEE, 0xEF])
def test_segments_of_applications_nobody_knows_do_not_leave(marker):
    data = photo_of("JPEG")
    payload = b"NOBODY\0SECRET-PLACE"
    segment = struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload
    stripped = strip(data[:2] + segment + data[2:])
    assert stripped == strip(data)


def test_pictures_and_films_behind_a_jpeg_do_not_leave(samples):
    data = samples[0].read_bytes()
    assert strip(data + photo_of("JPEG") + b"ftypmp42 film") == strip(data)


def test_what_is_left_over_in_a_heic_is_blanked():
    """Editors leave notes behind that no item refers to any more."""
    data = photo_of("HEIF", size=(128, 128))
    left_over = struct.pack(">I4s", 8 + len(SECRETS[0]), b"mdat") + SECRETS[0]
    assert SECRETS[0] not in strip(data + left_over)
    uuid = struct.pack(">I4s", 8 + len(SECRETS[0]), b"uuid") + SECRETS[0]
    assert SECRETS[0] not in strip(data + uuid)


@pytest.mark.parametrize("kind", KINDS)
def test_a_large_file_is_stripped_and_read_in_pieces(kind, tmp_path):
    data = large(kind)
    path = tmp_path / "photo"
    path.write_bytes(data)
    expected = hashlib.sha256(strip(data)).digest()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        tracemalloc.start()
        source = pieces.FileSource(file)
        stripped = stripping.stripped(source)
        for piece in pieces.content(source, stripped, range(pieces.length(stripped))):
            digest.update(piece)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert digest.digest() == expected
    assert peak < 5 * 2**20


@given(st.integers(0, 700), st.integers(0, 700))
def test_any_part_of_what_is_put_together_can_be_had(start, stop):
    source, made = bytes(range(256)), [b"new", range(10, 250), b"", range(5), b"x" * 300]
    whole = b"new" + source[10:250] + source[:5] + b"x" * 300
    with mock.patch.object(pieces, "CHUNK", 100):
        parts = list(pieces.content(source, made, range(start, min(stop, len(whole)))))
    assert b"".join(parts) == whole[start:stop]
    assert all(0 < len(part) <= 100 for part in parts)


def test_a_heic_without_places_of_its_items_is_refused():
    data = photo_of("HEIF").replace(b"iloc", b"free")
    with pytest.raises(Unstrippable):
        strip(data)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_files_are_refused_or_stripped_never_a_crash(data):
    kind = data.draw(st.sampled_from(KINDS))
    whole = bytearray(photo_of(kind, size=(64, 64)))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(12, len(whole) - 1))] = data.draw(st.integers(0, 255))
    broken = bytes(whole[: data.draw(st.integers(13, len(whole)))])
    try:
        strip(broken)
    except Unstrippable:
        return


@given(st.binary(max_size=200))
@example(b"")
@example(b"\xff\xd8\xff")
@example(b"\0\0\0\x0cftypheic")
@example(b"RIFF\xff\xff\xff\xffWEBP")
def test_rubbish_is_refused(data):
    try:
        strip(data)
    except Unstrippable:
        return
    assert data[:4] == b"RIFF"  # an empty container is nothing, and tells nothing


@given(st.binary(max_size=120))
def test_rubbish_for_notes_leaves_none(exif):
    stripping.kept_of(exif)


@pytest.mark.parametrize("handler", [b"soun", b"vide", b"text", b"meta", b"tmcd", b"sbtl"])
@pytest.mark.parametrize("wide", [False, True])
def test_sound_films_and_texts_in_a_heic_are_blanked(handler, wide):
    data = photo_of("HEIF", size=(128, 128))
    moving = films.with_tracks(data, (handler, [b"VOICE-1", b"VOICE-22", b"VOICE-333"]), wide=wide)
    stripped = strip(moving)
    assert len(stripped) == len(moving)
    assert stripped.startswith(strip(data))
    for secret in (b"VOICE", b"TITLE-OF-TRACK", b"moov", b"trak", handler):
        assert secret not in stripped[len(data) :]
    assert np.array_equal(pixels(data), pixels(stripped))


@pytest.mark.parametrize("wide", [False, True])
def test_moving_pictures_of_a_heic_stay_beside_a_blanked_sound(wide):
    pictures = [b"PICTURE-1", b"PICTURE-22", b"PICTURE-333"]
    data = photo_of("HEIF", size=(128, 128))
    sound = (b"soun", [b"VOICE-1", b"VOICE-22"])
    moving = films.with_tracks(data, (b"pict", pictures), sound, (b"auxv", [b"ALPHA"]), wide=wide)
    stripped = strip(moving)
    assert len(stripped) == len(moving)
    for kept in (*pictures, b"ALPHA", b"pict", b"auxv", b"mvhd"):
        assert stripped.index(kept) == moving.index(kept)
    for secret in (b"VOICE", b"soun", b"TITLE-OF-TRACK"):
        assert secret not in stripped


def test_a_heic_whose_tracks_nobody_understands_is_refused():
    data = films.with_tracks(photo_of("HEIF"), (b"pict", [b"PICTURE"]))
    for part in (b"stco", b"stsc", b"stsz", b"hdlr"):
        head, _, tail = data.rpartition(part)
        with pytest.raises(Unstrippable):
            strip(head + b"what" + tail)


def test_pictures_of_a_heic_lie_where_pictures_are():
    """A decoder finds them by their offsets alone; the boxes around them could be blanked."""
    data = photo_of("HEIF")
    assert data.count(b"mdat") == 1
    with pytest.raises(Unstrippable):
        strip(data.replace(b"mdat", b"idat"))


def test_a_picture_of_a_heic_that_ends_outside_its_box_is_refused():
    data = photo_of("HEIF")
    place = data.index(b"mdat") - 4
    (size,) = struct.unpack(">I", data[place : place + 4])
    shorter = struct.pack(">I", 100) + data[place + 4 : place + 100]
    rest = struct.pack(">I4s", size - 100, b"mdat") + data[place + 108 :]
    with pytest.raises(Unstrippable, match="outside"):
        strip(data[:place] + shorter + rest)


def test_a_heic_with_more_items_than_bytes_is_refused_at_once():
    """Places without numbers take no bytes: four thousand million fit in half a megabyte."""
    data = photo_of("HEIF")
    place = data.index(b"iloc") + 8
    with pytest.raises(Unstrippable, match="without places"):
        strip(data[:place] + b"\0\0" + data[place + 2 :])


def test_a_film_in_a_heic_that_calls_itself_a_picture_is_refused():
    data = films.with_tracks(photo_of("HEIF"), (b"pict", [b"P"] * (heif.MOST_ROWS + 1)))
    with pytest.raises(Unstrippable, match="a film"):
        strip(data)


def test_notes_of_a_heic_that_are_too_long_to_be_notes_do_not_leave():
    data = photo_of("HEIF")
    longer = photo_of("HEIF", padding=bytes(heif.LONGEST_NOTE))
    assert TAKEN.encode() in strip(data)
    assert TAKEN.encode() in longer
    assert TAKEN.encode() not in strip(longer)
