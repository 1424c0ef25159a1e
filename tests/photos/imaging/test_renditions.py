"""Thumbnail, medium and preview: upright, bounded, and telling nothing else."""

import io

import numpy as np
import pytest
from PIL import Image

from photos.imaging import images, renditions
from tests.builders import image_bytes


def made(data):
    return renditions.make(images.decode(data, min_side=renditions.PREVIEW_SIDE))


def opened(data):
    return Image.open(io.BytesIO(data))


def test_the_longest_side_is_that_of_each_rendition():
    result = made(image_bytes((4000, 3000)))
    for data, side, kind in [
        (result.preview, renditions.PREVIEW_SIDE, "JPEG"),  # guests take it home
        (result.medium, renditions.MEDIUM_SIDE, "WEBP"),
        (result.thumbnail, renditions.THUMBNAIL_SIDE, "WEBP"),
    ]:
        assert (opened(data).size, opened(data).format) == ((side, side * 3 // 4), kind)


def test_a_small_photo_is_not_enlarged():
    result = made(image_bytes((400, 300)))
    for data in (result.preview, result.medium, result.thumbnail):
        assert opened(data).size == (400, 300)


def test_faces_are_looked_for_in_the_same_pixels_whether_renditions_were_made_or_not():
    noise = np.random.default_rng(1).integers(0, 256, (1500, 2100, 3), np.uint8)
    plain, used = images.DecodedImage(noise), images.DecodedImage(noise)
    renditions.make(used)
    first, second = (one.at_most(renditions.PREVIEW_SIDE).at_most(640) for one in (plain, used))
    assert np.array_equal(first.pixels, second.pixels)


@pytest.mark.parametrize("orientation", [6, 8])
def test_a_turned_photo_comes_upright_and_without_notes(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "A camera's maker"
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    result = made(image_bytes((400, 300), exif=exif))
    for data in (result.preview, result.medium, result.thumbnail):
        assert opened(data).size == (300, 400)
        assert not opened(data).getexif()
        assert b"maker" not in data


def test_a_photo_of_a_hundred_megapixels_is_accepted_and_comes_down_to_size():
    data = image_bytes((10_000, 10_000), mode="L", kind="PNG")
    info = images.inspect(data, max_bytes=10**8, max_megapixels=200)
    assert (info.width, info.height) == (10_000, 10_000)
    assert opened(made(data).preview).size == (renditions.PREVIEW_SIDE,) * 2
