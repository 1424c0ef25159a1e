"""Pictures whose colours tell whether they were read rightly."""

from __future__ import annotations

import io

from PIL import Image, ImageCms

from photos.imaging.images import DecodedImage

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def corners(width: int = 200, height: int = 120) -> Image.Image:
    """Red, green / blue, white quarters."""
    picture = Image.new("RGB", (width, height), WHITE)
    picture.paste(RED, (0, 0, width // 2, height // 2))
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    return picture


def encoded(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def with_exif(**tags: object) -> Image.Exif:
    exif = Image.Exif()
    details = exif.get_ifd(0x8769)
    for name, value in tags.items():
        details[{"taken": 0x9003, "offset": 0x9011}[name]] = value
    return exif


def quarters(image: DecodedImage) -> list[tuple[int, ...]]:
    """The colours of the four quarters, rounded to what the test pictures are painted with."""
    h, w = image.pixels.shape[:2]
    places = [
        (h // 4, w // 4),
        (h // 4, w * 3 // 4),
        (h * 3 // 4, w // 4),
        (h * 3 // 4, w * 3 // 4),
    ]
    return [tuple(255 if value > 127 else 0 for value in image.pixels[place]) for place in places]


def of_camera(make: object = "", model: object = "", serial: object = "") -> Image.Exif:
    exif = Image.Exif()
    for tag, value in {0x010F: make, 0x0110: model}.items():
        if value:
            exif[tag] = value
    if serial:
        exif.get_ifd(0x8769)[0xA431] = serial
    return exif
