"""TIFF files: what scanners, retouchers and museums keep, and nothing of a camera's sensor."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from photos.imaging import images, stripping
from photos.imaging.images import UnusableImage
from photos.imaging.stripping import Unstrippable
from tests.photos.imaging.pictures import RED, WHITE, corners, encoded, quarters

LIMITS = {"max_bytes": 10**7, "max_megapixels": 50}


@pytest.mark.parametrize(
    ("mode", "compression"),
    [
        *[(mode, None) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16")],
        *[("RGB", packed) for packed in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits")],
    ],
)
def test_a_tiff_is_read_however_its_pixels_are_stored(mode: str, compression: str | None) -> None:
    source = corners() if mode in ("RGB", "CMYK", "P", "RGBA", "YCbCr") else corners().convert("L")
    picture = source.convert("I").point(lambda v: v * 257) if mode == "I;16" else source
    data = encoded(picture.convert(mode), "TIFF", compression=compression)
    image = images.decode(data, min_side=None)
    assert (image.width, image.height, images.inspect(data, **LIMITS).width) == (200, 120, 200)
    white = quarters(image)[3]
    assert white == WHITE
    if source.mode == "RGB":
        assert quarters(image)[0] == RED


def by_hand(bits: int, *, planes: int = 1, numbers: int = 1, packed: int = 1) -> bytes:
    """200 x 120 pixels of red, as programs store what Pillow does not write: `planes` is 2 where
    each colour has its own; `numbers` is 3 where they have fractions."""
    red = np.zeros((120, 200, 3), {8: "u1", 16: "<u2", 32: "<f4"}[bits])
    red[:, :, 0] = 1 if numbers == 3 else 2**bits - 1
    pixels = (np.moveaxis(red, -1, 0) if planes == 2 else red).tobytes()
    parts = 3 if planes == 2 else 1
    size = len(pixels) // parts
    starts, sizes = [200 + part * size for part in range(parts)], [size] * parts
    lists = struct.pack("<6H", *[bits] * 3, *[numbers] * 3)  # these begin at 146
    lists += struct.pack(f"<{2 * parts}I", *starts, *sizes)
    tags = [
        (256, 4, 1, 200), (257, 4, 1, 120), (258, 3, 3, 146), (259, 3, 1, packed), (262, 3, 1, 2),
        (273, 4, parts, 158 if parts > 1 else starts[0]), (277, 3, 1, 3), (278, 4, 1, 120),
        (279, 4, parts, 170 if parts > 1 else size), (284, 3, 1, planes), (339, 3, 3, 152),
    ]  # fmt: skip
    page = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return (b"II*\0" + struct.pack("<IH", 8, 11) + page + bytes(4) + lists).ljust(200) + pixels


@pytest.mark.parametrize(("bits", "planes"), [(8, 1), (16, 1), (8, 2)])
def test_deep_colours_and_planes_are_read(bits: int, planes: int) -> None:
    data = by_hand(bits, planes=planes)
    assert images.inspect(data, **LIMITS).width == 200
    assert quarters(images.decode(data, min_side=None)) == [RED] * 4


@pytest.mark.parametrize(
    "data",
    [
        by_hand(16, planes=2),
        by_hand(32, numbers=3),
        by_hand(8, packed=34712),
        by_hand(8, packed=52546),
        by_hand(16).replace(struct.pack("<HHII", 262, 3, 1, 2), struct.pack("<HHII", 262, 3, 1, 0)),
    ],
    ids=["16 bits in planes", "fractions", "JPEG 2000", "JPEG XL", "16 bits, 0 is white"],
)
def test_what_would_be_taken_for_other_colours_is_a_kind_we_cannot_read(data: bytes) -> None:
    with pytest.raises(UnusableImage, match="unsupported_format"):
        images.inspect(data, **LIMITS)


def pages(*made: tuple[Image.Image, dict[int, int]]) -> bytes:
    out = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(out) as writer:
        for picture, tags in made:
            picture.save(writer, "TIFF", tiffinfo=tags)
            writer.newFrame()
    return out.getvalue()


def test_the_first_page_that_is_no_thumbnail_counts() -> None:
    small, large = corners(100, 100), corners()
    for data, width in (
        (pages((small, {254: 1}), (large, {})), 200),
        (pages((small, {}), (large, {})), 100),
        (pages((small, {254: 1})), 100),
    ):
        assert images.inspect(data, **LIMITS).width == width
        assert images.decode(data, min_side=None).width == width


def test_pages_that_lead_to_one_another_come_to_an_end() -> None:
    data = bytearray(pages((corners(), {254: 1})))
    at = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[at : at + 2], "little")
    data[at + 2 + 12 * count : at + 6 + 12 * count] = data[4:8]
    assert images.inspect(bytes(data), **LIMITS).width == 200


def test_a_claimed_size_is_refused_by_the_header() -> None:
    data = encoded(corners(), "TIFF", compression="tiff_lzw", tiffinfo={})
    at = int.from_bytes(data[4:8], "little")
    huge = bytearray(data)
    for place in range(at + 2, len(data) - 12, 12):
        if int.from_bytes(data[place : place + 2], "little") in (256, 257):
            huge[place + 2 : place + 4] = (4).to_bytes(2, "little")
            huge[place + 8 : place + 12] = (60_000).to_bytes(4, "little")
    with pytest.raises(UnusableImage, match="too_many_pixels"):
        images.inspect(bytes(huge), **LIMITS)


@pytest.mark.parametrize("kind", ["TIFF", "GIF"])
def test_nobody_can_say_what_else_is_in_it_so_guests_get_the_web_size(kind: str) -> None:
    with pytest.raises(Unstrippable):
        stripping.strip(encoded(corners(), kind))
