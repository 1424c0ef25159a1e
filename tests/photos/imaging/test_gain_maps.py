"""HDR: the gain map of a picture leaves with it, as numbers and pixels, and nothing else does."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from photos.imaging import gain_maps, jpeg, pieces, stripping
from photos.imaging.gain_maps import ISO_HEAD, MPF_HEAD, XMP_HEAD, parameters
from photos.imaging.stripping import strip
from tests.photos.imaging import hdr
from tests.photos.imaging.test_stripping import SECRETS, exif_of, photo_of, pixels

ISO = [hdr.iso_numbers(channels, is_common=common) for channels in (1, 3) for common in (0, 1)]
FILES = {
    "Ultra HDR": hdr.ultra_hdr(),
    "Apple": hdr.of_apple(),
    **{f"ISO of {len(numbers)} bytes": hdr.of_iso(numbers) for numbers in ISO},
}
ADOBE_NUMBERS = {
    "Version": ["1.0"],
    "GainMapMin": ["-0.5"],
    "GainMapMax": ["4.7090998", "4.5", "4.25"],
    "Gamma": ["1e0"],
    "HDRCapacityMin": ["0"],
    "HDRCapacityMax": ["4.708"],
    "BaseRenditionIsHDR": ["False"],
}


def note(data: bytes, marker: int, head: bytes) -> bytes:
    """A JPEG's first note of that name, read by its segments."""
    position = 2
    while data[position + 1] != jpeg.SCAN:
        found, size = struct.unpack(">xBH", data[position : position + 4])
        content = data[position + 4 : position + 2 + size]
        if found == marker and content.startswith(head):
            return content[len(head) :]
        position += 2 + size
    return b""


def two(data: bytes) -> tuple[bytes, bytes]:
    """A file's picture and its gain map, where its MPF says they are."""
    index = note(data, 0xE2, MPF_HEAD)
    header_at = data.index(MPF_HEAD + index) + len(MPF_HEAD)
    found = Image.Exif()
    found.load(index)
    assert (found[0xB000], found[0xB001]) == (b"0100", 2)
    entries = list(struct.iter_unpack(">IIII", found[0xB002]))
    (kind, size, start, _), (_, map_size, map_start, _) = entries
    assert (kind, start, size) == (0x030000, 0, header_at + map_start)
    assert size + map_size == len(data)
    return data[:size], data[size:]


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_a_gain_map_stays_without_anybody_s_notes(data):
    stripped = strip(data)
    picture, gain_map = two(stripped)
    for one in (picture, gain_map):
        assert one.startswith(b"\xff\xd8\xff")
        assert one.endswith(b"\xff\xd9")
        assert exif_of(one).get_ifd(0x8825) == {}
    assert np.array_equal(pixels(picture), pixels(hdr.picture()))
    assert np.array_equal(pixels(gain_map), pixels(hdr.gain_map()))
    assert exif_of(picture)[0x0112] == 6
    assert [secret for secret in [*SECRETS, b"urn:d", b"Near"] if secret in stripped] == []
    assert strip(stripped) == stripped


def test_the_secrets_were_there():
    assert [secret for secret in SECRETS if secret not in hdr.ultra_hdr()] == []


def test_ultra_hdr_is_found_by_its_directory_too():
    picture, gain_map = two(strip(hdr.ultra_hdr()))
    directory = note(picture, 0xE1, XMP_HEAD)
    assert parameters(directory).adobe == {"Version": ["1.0"]}
    assert b'hdrgm:Version="1.0"' in directory
    assert f'Item:Semantic="GainMap" Item:Mime="image/jpeg" Item:Length="{len(gain_map)}"' in (
        directory.decode()
    )
    assert parameters(note(gain_map, 0xE1, XMP_HEAD)) == gain_maps.Parameters(ADOBE_NUMBERS, {})


def test_pillow_takes_what_leaves_for_ultra_hdr():
    """It reads such files as one picture, and others with an MPF as several."""
    with Image.open(io.BytesIO(strip(hdr.ultra_hdr()))) as image:
        assert image.format == "JPEG"
    with Image.open(io.BytesIO(strip(hdr.of_apple()))) as image:
        assert (image.format, image.n_frames) == ("MPO", 2)


def test_apple_s_gain_map_keeps_its_headroom():
    _, gain_map = two(strip(hdr.of_apple()))
    written = note(gain_map, 0xE1, XMP_HEAD)
    numbers = {"HDRGainMapVersion": ["131072"], "HDRGainMapHeadroom": ["5.25"]}
    assert parameters(written) == gain_maps.Parameters({}, numbers)
    assert gain_maps.APPLE_TYPE.encode() in written


@pytest.mark.parametrize("numbers", ISO, ids=len)
def test_the_iso_s_numbers_stay_and_what_follows_them_does_not(numbers):
    picture, gain_map = two(strip(hdr.of_iso(numbers + b"OWNER-NAME")))
    assert note(picture, 0xE2, ISO_HEAD) == hdr.ISO_VERSION
    assert note(gain_map, 0xE2, ISO_HEAD) == numbers


PLAIN = strip(hdr.picture())
ADOBE_MAP = hdr.gain_map(hdr.xmp_segment(hdr.NUMBERS))
ADOBE_PICTURE = hdr.picture(hdr.xmp_segment(hdr.DIRECTORY))
ENTITIES = hdr.xmp(hdr.NUMBERS.replace('"4.708"', '"&a;"')).replace(
    b"<x:", b'<!DOCTYPE x [<!ENTITY a "4.708">]><x:', 1
)
UTF_16 = b"\xfe\xff" + ENTITIES.decode().encode("utf-16-be")
UNEXPECTED = {
    "no MPF": ADOBE_PICTURE + ADOBE_MAP,
    "no picture of that kind": hdr.together(ADOBE_PICTURE, hdr.gain_map()),
    "a depth map alone": hdr.together(ADOBE_PICTURE, hdr.gain_map(hdr.xmp_segment(hdr.DEPTH))),
    "a picture that knows of none": hdr.together(hdr.picture(), ADOBE_MAP),
    "a map of ISO alone": hdr.together(hdr.picture(), hdr.gain_map(hdr.iso_segment(ISO[0]))),
    "too few numbers": hdr.of_iso(ISO[0][:-1]),
    "a later version": hdr.of_iso(b"\0\1" + ISO[0][2:]),
    "a map cut off": hdr.ultra_hdr()[:-3],
    "bytes between": hdr.ultra_hdr().replace(ADOBE_MAP, b"  " + ADOBE_MAP[:-2]),
    "a map that is damaged": hdr.together(
        ADOBE_PICTURE, ADOBE_MAP.replace(b"\xff\xda", b"?\xff\xda")
    ),
    "a broken index": hdr.ultra_hdr().replace(b"MPF\0MM\0*", b"MPF\0MM\0?"),
    "an index of nothing": hdr.with_segments(ADOBE_PICTURE, jpeg.segment(0xE2, MPF_HEAD)),
    "no numbers": hdr.together(
        ADOBE_PICTURE, hdr.gain_map(hdr.xmp_segment(hdr.NUMBERS.replace("4.708", "OWNER-NAME")))
    ),
    "no XML": hdr.together(ADOBE_PICTURE, hdr.gain_map(hdr.xmp_segment(hdr.NUMBERS + "<"))),
    "entities": hdr.together(ADOBE_PICTURE, hdr.gain_map(jpeg.segment(0xE1, XMP_HEAD + ENTITIES))),
    "entities in UTF-16": hdr.together(
        ADOBE_PICTURE,
        hdr.gain_map(jpeg.segment(0xE1, XMP_HEAD + UTF_16)),
    ),
}


@pytest.mark.parametrize("data", UNEXPECTED.values(), ids=UNEXPECTED)
def test_what_is_not_as_expected_leaves_the_picture_alone(data):
    assert strip(data) == PLAIN


def test_a_gain_map_is_read_and_sent_in_parts():
    stripped = stripping.stripped(hdr.ultra_hdr())
    new = [piece for piece in stripped if isinstance(piece, bytes)]
    assert pieces.length(new) < 3_000 < pieces.length(stripped)


def test_the_same_bytes_come_out_of_every_process():
    """Downloads go on where they ended, from another worker."""
    names = list(parameters(note(two(strip(hdr.ultra_hdr()))[1], 0xE1, XMP_HEAD)).adobe)
    assert names == [name for name in gain_maps.NUMBERS[gain_maps.ADOBE] if name in names]


def test_a_heic_keeps_the_numbers_of_its_gain_map():
    data = photo_of("HEIF", size=(64, 64), xmp=hdr.xmp(hdr.APPLE))
    stripped = strip(data)
    with Image.open(io.BytesIO(stripped)) as image:
        kept = image.info["xmp"]
    assert parameters(kept) == parameters(hdr.xmp(hdr.APPLE))
    assert parameters(kept).is_apple
    assert kept.rstrip(b" ").endswith(b"</x:xmpmeta>")
    assert b"OWNER-NAME" not in stripped
    assert len(stripped) == len(data)
    assert strip(stripped) == stripped


def with_tone_map(written: bytes) -> bytes:
    """A HEIC whose XMP has become a tone map."""
    xmp = b"x" * len(written)
    data = photo_of("HEIF", size=(64, 64), xmp=xmp)
    return data.replace(b"mime", b"tmap", 1).replace(xmp, written)


@pytest.mark.parametrize("numbers", ISO, ids=len)
def test_a_heic_keeps_the_numbers_of_its_tone_map(numbers):
    written = b"\0" + numbers + b"OWNER-NAME"
    data = with_tone_map(written)
    stripped = strip(data)
    place = data.index(written)
    assert stripped[place : place + len(written)] == b"\0" + numbers + bytes(10)


@pytest.mark.parametrize(
    "written", [b"", b"\0", b"\1" + ISO[0], b"\0" + ISO[0][:-1], b"OWNER-NAME"]
)
def test_a_tone_map_of_another_kind_does_not_leave(written):
    data = with_tone_map(written + b"OWNER-NAME")
    assert b"OWNER-NAME" in data
    assert b"OWNER-NAME" not in strip(data)
