"""The camera's notes in a picture's header: never trusted, and never worth a good picture."""

from __future__ import annotations

from PIL import ExifTags, Image

# Stands before the notes in some containers.
HEAD = b"Exif\0\0"


def notes_of(image: Image.Image) -> Image.Exif:
    """Empty where they are missing or malformed.

    From the header only: Pillow's `getexif()` decodes a whole PNG to look behind its pixels. HEIC
    is turned by its container alone (ISO/IEC 23008-12), which libheif does; the orientation in
    its EXIF only repeats that, and the plugin removes it.
    """
    notes = Image.Exif()
    try:
        notes.load(image.info.get("exif", b""))
    except Exception:  # noqa: BLE001 - bad notes must not cost a good picture, whatever they raise
        return Image.Exif()
    return notes


def orientation(notes: Image.Exif) -> int:
    """1 to 8, as CIPA DC-008 counts them; from 5 on width and height change places."""
    value = notes.get(ExifTags.Base.Orientation, 1)
    return value if value in range(1, 9) else 1


def text(value: object) -> str:
    """A note without the padding some cameras add; empty where it is no text."""
    return value.strip("\0 ") if isinstance(value, str) else ""
