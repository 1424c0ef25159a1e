"""When a picture was taken: read from the camera's notes, written into what guests get."""

from __future__ import annotations

from contextlib import suppress
from datetime import MAXYEAR, UTC, datetime

from PIL import ExifTags, Image

from photos.imaging import exif, jpeg


def taken_at(notes: Image.Exif) -> datetime | None:
    """The camera's clock: aware where the camera recorded its offset, else naive."""
    try:
        inner = notes.get_ifd(ExifTags.IFD.Exif)
        text = exif.text(inner.get(ExifTags.Base.DateTimeOriginal))
        naive = datetime.fromisoformat(text.replace(":", "-", 2))
        if not 1 < naive.year < MAXYEAR:
            return None  # in another time zone it would be no date at all
    except Exception:  # noqa: BLE001 - as in `exif.notes_of`
        return None
    offset = exif.text(inner.get(ExifTags.Base.OffsetTimeOriginal))
    with suppress(ValueError):
        return datetime.fromisoformat(f"{naive.replace(tzinfo=None).isoformat()}{offset}")
    return naive


def with_capture_time(picture: bytes, moment: datetime) -> bytes:
    """A JPEG of ours with the time it was taken at, so that phones sort it where it belongs."""
    notes = Image.Exif()
    inner = notes.get_ifd(ExifTags.IFD.Exif)
    text = moment.isoformat(" ", "seconds")  # 2026-06-20 14:03:22+02:00
    inner[ExifTags.Base.DateTimeOriginal] = text[:19].replace("-", ":")
    inner[ExifTags.Base.OffsetTimeOriginal] = text[19:25]
    return jpeg.START + jpeg.segment(jpeg.EXIF, notes.tobytes()) + picture[2:]


# How much longer a picture is with its time: always the same.
CAPTURE_TIME_BYTES = len(with_capture_time(jpeg.START, datetime(2026, 1, 1, tzinfo=UTC))) - 2
