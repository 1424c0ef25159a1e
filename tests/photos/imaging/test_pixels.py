"""Whatever a picture is stored as becomes red, green and blue."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from photos.imaging import images
from tests.photos.imaging.pictures import (
    BLUE,
    GREEN,
    RED,
    WHITE,
    corners,
    encoded,
    quarters,
)


def test_cmyk_becomes_rgb() -> None:
    image = images.decode(encoded(corners().convert("CMYK")), min_side=None)
    assert quarters(image) == [RED, GREEN, BLUE, WHITE]


@pytest.mark.parametrize("mode", ["L", "1", "LA"])
def test_grey_becomes_rgb(mode: str) -> None:
    image = images.decode(encoded(corners().convert(mode), "PNG"), min_side=None)
    assert image.pixels.shape == (120, 200, 3)
    assert quarters(image)[3] == WHITE


def test_grey_jpeg_becomes_rgb() -> None:
    image = images.decode(encoded(corners().convert("L")), min_side=None)
    assert image.pixels.shape == (120, 200, 3)


def test_sixteen_bits_of_grey_keep_their_tones() -> None:
    tones = np.full((100, 100), 0x8000, np.uint16)
    data = encoded(Image.fromarray(tones), "PNG")
    assert images.decode(data, min_side=None).pixels[50, 50].tolist() == [128, 128, 128]


def test_transparency_becomes_white() -> None:
    picture = Image.new("RGBA", (100, 100), (255, 0, 0, 0))
    picture.paste((0, 0, 255, 255), (0, 0, 50, 100))
    pixels = images.decode(encoded(picture, "PNG"), min_side=None).pixels
    assert (tuple(pixels[50, 20]), tuple(pixels[50, 80])) == (BLUE, WHITE)


def test_a_palette_becomes_rgb() -> None:
    picture = corners().convert("P", palette=Image.Palette.ADAPTIVE)
    assert quarters(images.decode(encoded(picture, "PNG"), min_side=None))[1] == GREEN
