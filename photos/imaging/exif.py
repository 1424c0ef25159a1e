"""The camera's notes in a picture's header: never trusted, and never worth a good picture."""

from __future__ import annotations

from typing import NamedTuple

from PIL import ExifTags, Image

from findme.text import one_line

# Stands before the notes in some containers.
HEAD = b"Exif\0\0"
DEVICE_LENGTH = 60
# Adobe's note of a serial number, from before EXIF had one; Pillow has no name for it.
CAMERA_SERIAL_NUMBER = 0xC62F


class Device(NamedTuple):
    """What took a picture, in its own words; each on one line, of 60 letters at most."""

    make: str
    model: str
    serial: str


def notes_of(image: Image.Image) -> Image.Exif:
    """Empty where they are missing or malformed.

    Of what was read already: Pillow's `getexif()` decodes a whole PNG to look behind its pixels,
    which `png.notes` does without. HEIC is turned by its container alone (ISO/IEC 23008-12), which
    libheif does; the orientation in its EXIF only repeats that, and the plugin removes it.
    """
    notes = Image.Exif()
    try:
        if image.format == "TIFF":
            return image.getexif()
        notes.load(image.info.get("exif", b""))
    except Exception:  # noqa: BLE001 - bad notes must not cost a good picture, whatever they raise
        return Image.Exif()
    return notes


def orientation(image: Image.Image, notes: Image.Exif) -> int:
    """1 to 8, as CIPA DC-008 counts them; from 5 on width and height change places. Pillow turns a
    TIFF by itself."""
    if image.format == "TIFF":
        return 1
    value = notes.get(ExifTags.Base.Orientation, 1)
    return value if value in range(1, 9) else 1


def text(value: object) -> str:
    """A note without the padding some cameras add; empty where it is no text."""
    return value.strip("\0 ") if isinstance(value, str) else ""


def device(notes: Image.Exif) -> Device | None:
    """None where the notes name none. Edited pictures often keep it, screenshots have none."""
    try:
        inner = notes.get_ifd(ExifTags.IFD.Exif)
        serials = inner.get(ExifTags.Base.BodySerialNumber), notes.get(CAMERA_SERIAL_NUMBER)
        named = notes.get(ExifTags.Base.Make), notes.get(ExifTags.Base.Model)
    except Exception:  # noqa: BLE001 - as in `notes_of`
        return None
    serial = next(filter(None, map(_name, serials)), "")
    make, model = map(_name, named)
    found = Device(make, model, serial)
    return found if any(found) else None


def _name(value: object) -> str:
    return one_line(text(value))[:DEVICE_LENGTH].strip()
