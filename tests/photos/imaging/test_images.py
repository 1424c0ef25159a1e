from __future__ import annotations

import io
import struct
import threading
import zlib

import numpy as np
import pytest
from PIL import Image

from findme import refusals
from photos.imaging import formats, images
from photos.imaging.images import DecodedImage, ImageInfo, UnusableImage
from tests.photos.imaging.pictures import (
    BLUE,
    GREEN,
    RED,
    SRGB,
    WHITE,
    corners,
    encoded,
    quarters,
    with_exif,
)


def inspected(data: bytes, **limits: float) -> ImageInfo:
    return images.inspect(data, **{"max_bytes": 10**7, "max_megapixels": 50, **limits})


def refusal(data: bytes, **limits: float) -> str:
    with pytest.raises(UnusableImage) as caught:
        inspected(data, **limits)
    return caught.value.code


def decode_refusal(data: bytes) -> str:
    with pytest.raises(UnusableImage) as caught:
        images.decode(data, min_side=None)
    return caught.value.code


def bomb() -> bytes:
    """A PNG that claims 30,000 x 30,000 pixels in a few bytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("HEIF", "image/heic"),
        ("AVIF", "image/avif"),
        ("TIFF", "image/tiff"),
        ("GIF", "image/gif"),
    ],
)
def test_the_accepted_formats_are_told_by_their_bytes(kind: str, content_type: str) -> None:
    data = encoded(corners(), kind)
    info = inspected(data)
    assert (info.format, info.content_type) == (kind, content_type)
    assert (info.width, info.height) == (200, 120)
    assert quarters(images.decode(data, min_side=None)) == [RED, GREEN, BLUE, WHITE]


def test_several_pictures_in_one_jpeg_count_as_the_first() -> None:
    data = encoded(corners(), "MPO", save_all=True, append_images=[corners().rotate(180)])
    assert inspected(data).content_type == "image/jpeg"
    assert quarters(images.decode(data, min_side=None))[0] == RED


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF"])
@pytest.mark.parametrize(
    ("orientation", "upright"),
    [
        (1, [RED, GREEN, BLUE, WHITE]),
        (2, [GREEN, RED, WHITE, BLUE]),
        (3, [WHITE, BLUE, GREEN, RED]),
        (4, [BLUE, WHITE, RED, GREEN]),
        (5, [RED, BLUE, GREEN, WHITE]),
        (6, [BLUE, RED, WHITE, GREEN]),
        (7, [WHITE, GREEN, BLUE, RED]),
        (8, [GREEN, WHITE, RED, BLUE]),
    ],
)
def test_pictures_are_turned_upright(
    kind: str, orientation: int, upright: list[tuple[int, ...]]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(corners(), kind, exif=exif.tobytes())
    info, image = inspected(data), images.decode(data, min_side=None)
    assert quarters(image) == upright
    assert (image.width, image.height) == (info.width, info.height)
    assert info.width == (120 if orientation >= 5 else 200)
    assert image.pixels.flags.c_contiguous


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0garbage",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40,
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x05\0\x01\0\0\0\xf0\xff\xff\xff",
    ],
)
@pytest.mark.filterwarnings("default::UserWarning")  # Pillow's, about such notes
def test_malformed_notes_do_not_cost_a_good_picture(kind: str, exif: bytes) -> None:
    data = encoded(corners(), kind, exif=exif)
    assert (inspected(data).width, inspected(data).taken_at) == (200, None)
    assert quarters(images.decode(data, min_side=None))[0] == RED


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"<!doctype html><p>Sign in to this network", "not_an_image"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "not_an_image"),
        (b"%PDF-1.7", "not_an_image"),
        (b"\xff\xd8\xff" + b"junk" * 99, "truncated"),
        (b"\xff\xd8\xff" + b"junk" * 99 + b"\xff\xd9", "unreadable"),
        (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1miaf", "truncated"),
        (b"II*\0\x08\0\0\0", "unreadable"),
        (b"II+\0\x08\0\0\0" + bytes(40), "unsupported_format"),
        (b"\xff\x4f\xff\x51" + bytes(40), "unsupported_format"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(40), "unsupported_format"),
        (b"\xff\x0a" + bytes(40), "unsupported_format"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(40), "unsupported_format"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "video"),
    ],
)
def test_other_files_are_refused_with_their_reason(data: bytes, code: str) -> None:
    assert refusal(data) == code
    assert decode_refusal(data) == code


def test_other_pictures_are_refused_by_name() -> None:
    assert refusal(encoded(corners(), "BMP")) == "unsupported_format"


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF", "TIFF"])
def test_of_moving_pictures_the_first_counts(kind: str) -> None:
    others = [corners().rotate(180), corners().rotate(90)]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(corners(), kind, save_all=True, append_images=others, duration=40, **options)
    assert inspected(data).width == 200
    assert quarters(images.decode(data, min_side=None)) == [RED, GREEN, BLUE, WHITE]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF", "GIF"])
@pytest.mark.parametrize("part", [0.02, 0.5, 0.95])
def test_a_picture_that_stops_early_is_refused(kind: str, part: float) -> None:
    data = encoded(noise(), kind)
    cut = data[: max(16, int(len(data) * part))]
    code = "unreadable" if kind == "TIFF" else "truncated"
    assert refusal(cut) == code
    assert decode_refusal(cut) == code


def noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (160, 240, 3), np.uint8))


def test_the_end_of_a_thumbnail_does_not_pass_for_the_pictures_end() -> None:
    exif = b"Exif\0\0" + encoded(corners())
    data = encoded(noise(), exif=exif)
    assert refusal(data[: len(data) * 3 // 4]) == "truncated"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF", "GIF"])
def test_what_phones_append_does_not_matter(kind: str) -> None:
    data = encoded(corners(), kind) + b"\0\0\0\x10ftypmp42" + b"motion" * 20_000
    assert inspected(data).width == 200
    assert quarters(images.decode(data, min_side=None))[0] == RED


def test_a_good_header_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "_pixels", lambda *args, **options: pytest.fail("decoded"))
    for kind in ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF"):
        inspected(encoded(corners(), kind))


def test_a_decompression_bomb_is_refused_by_its_header() -> None:
    assert refusal(bomb(), max_megapixels=120) == "too_many_pixels"
    assert decode_refusal(bomb()) == "too_many_pixels"


@pytest.mark.parametrize(
    ("kind", "options", "share"),
    [
        ("JPEG", {}, 1),
        ("JPEG", {"progressive": True}, 0.5),
        ("PNG", {}, 0.5),
        ("TIFF", {}, 0.5),
        ("GIF", {}, 0.5),
        ("HEIF", {}, 0.3),
        ("AVIF", {}, 0.3),
        ("WEBP", {}, 0.2),
    ],
)
def test_what_takes_more_memory_may_have_fewer_pixels(
    kind: str, options: dict[str, object], share: float
) -> None:
    data, megapixels = encoded(corners(), kind, **options), 200 * 120 / 1e6
    assert inspected(data, max_megapixels=megapixels / share * 1.001).width == 200
    assert refusal(data, max_megapixels=megapixels / share * 0.999) == "too_many_pixels"


def test_our_limit_decides_not_pillows() -> None:
    assert inspected(bomb(), max_megapixels=1801).width == 30_000


def test_limits_of_bytes_and_sides() -> None:
    data = encoded(corners())
    assert refusal(data, max_bytes=len(data) - 1) == "too_large"
    assert inspected(data, max_bytes=len(data)).width == 200
    assert refusal(encoded(corners(200, 79))) == "too_small"
    assert inspected(encoded(corners(200, 80))).height == 80


def test_every_code_has_its_sentence() -> None:
    codes = "empty not_an_image unsupported_format truncated too_many_pixels too_large too_small"
    assert {*codes.split(), "unreadable", "raw_file", "video"} == set(refusals.PICTURE)


def test_a_picture_decoded_smaller_can_be_had_larger_and_is_upright_too() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(corners(1600, 960), exif=exif)
    small = images.decode(data, min_side=400)
    assert (small.width, small.height) == (240, 400)
    assert small.at_least(400) is small
    for side, size in [(401, (480, 800)), (801, (960, 1600)), (5000, (960, 1600))]:
        larger = small.at_least(side)
        assert (larger.width, larger.height) == size
        assert quarters(larger) == quarters(small)
    whole = images.decode(data, min_side=None)
    assert whole.at_least(5000) is whole


@pytest.mark.parametrize(
    ("min_side", "width"), [(None, 1600), (1600, 1600), (801, 1600), (800, 800), (150, 200)]
)
def test_a_jpeg_is_scaled_while_decoding_but_never_below(min_side: int | None, width: int) -> None:
    image = images.decode(encoded(corners(1600, 960)), min_side=min_side)
    assert (image.width, image.height) == (width, width * 3 // 5)
    assert quarters(image) == [RED, GREEN, BLUE, WHITE]


def test_the_colour_profile_stays_with_the_pixels() -> None:
    image = images.decode(encoded(corners(), icc_profile=SRGB), min_side=None)
    small = images.resize(image, 100)
    assert Image.open(io.BytesIO(images.to_jpeg(small, 80))).info["icc_profile"] == SRGB


def test_a_profile_of_other_colours_does_not_stay() -> None:
    grey = SRGB[:16] + b"GRAY" + SRGB[20:]
    data = encoded(corners().convert("L"), icc_profile=grey)
    assert images.decode(data, min_side=None).icc_profile is None


def test_renditions_do_not_say_where_or_with_what_they_were_taken() -> None:
    exif = with_exif(taken="2024:06:01 14:30:05")
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 30.0)
    data = encoded(corners(), exif=exif, comment=b"SecretComment")
    jpeg = images.to_jpeg(images.decode(data, min_side=None), 85)
    assert b"SecretCamera" in data
    assert b"Exif" not in jpeg
    assert b"Secret" not in jpeg
    assert not Image.open(io.BytesIO(jpeg)).getexif()


def test_resize_keeps_the_shape_and_never_enlarges() -> None:
    image = images.decode(encoded(corners()), min_side=None)
    small = images.resize(image, 50)
    assert (small.width, small.height) == (50, 30)
    assert quarters(small) == [RED, GREEN, BLUE, WHITE]
    assert images.resize(image, 200) is image
    assert images.resize(image, 50) is small


def test_a_very_long_picture_keeps_a_pixel_of_its_width() -> None:
    image = DecodedImage(np.zeros((4000, 2, 3), np.uint8))
    assert images.resize(image, 20).width == 1
    assert images.blurhash(image)


def test_blurhash_shows_the_colours() -> None:
    red = DecodedImage(np.full((300, 400, 3), RED, np.uint8))
    placeholder = images.blurhash(red)
    assert len(placeholder) == 4 + 2 * 4 * 3
    assert placeholder[0] == "L"  # 4 x 3 components
    assert placeholder[2:6] == images.blurhash(DecodedImage(red.pixels[:30, :40]))[2:6]


def test_threads_may_decode_at_once() -> None:
    data = [encoded(corners(), kind) for kind in formats.FORMATS] * 4
    seen: list[list[tuple[int, ...]]] = []
    threads = [
        threading.Thread(target=lambda d=d: seen.append(quarters(images.decode(d, min_side=None))))
        for d in data
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [[RED, GREEN, BLUE, WHITE]] * len(data)


def test_a_colour_that_stands_for_nothing_is_white():
    picture = Image.new("RGB", (120, 100), (18, 86, 154))
    data = encoded(picture, "PNG", transparency=(18, 86, 154))
    assert images.decode(data, min_side=None).pixels.min() == 255


def test_a_jpeg_in_several_scans_has_half_the_pixels(tmp_path):
    whole = encoded(Image.new("RGB", (200, 200)), "JPEG")
    at = whole.index(b"\xff\xda") + 4
    in_parts = whole[: at - 2] + b"\0\x08\1\1\0\0\x3f\0" + whole[at + 10 :]
    limits = {"max_bytes": 10**6, "max_megapixels": 0.05}
    assert images.inspect(whole, **limits).width == 200
    with pytest.raises(UnusableImage, match="too_many_pixels"):
        images.inspect(in_parts, **limits)
