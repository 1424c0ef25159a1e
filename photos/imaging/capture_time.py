"""When a picture was taken: read from what its file says, written into what guests get.

Cameras, phones and editors write it in many places. The first that makes sense counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

from defusedxml import ElementTree
from PIL import ExifTags, Image, IptcImagePlugin
from PIL.ImageFile import ImageFile

from photos.imaging import exif, jpeg

# Digital cameras came later; and of no clock that is a day ahead we know what it means.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
# As EXIF, XMP and editors write it: 2026:06:20 14:03:22.87+02:00, and with other signs between.
MOMENT = re.compile(
    r"(\d{4})[-:/.](\d\d?)[-:/.](\d\d?)[T ]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*(\S*)"
)
OFFSET = re.compile(r"([+-])(\d\d?)(?::?(\d\d))?")
FARTHEST_ZONE = timedelta(hours=14)


class Clock(NamedTuple):
    """A time's own tag, that of its fraction of a second, and those of its offset: its own first,
    then those of the other times, which the same camera wrote."""

    tag: ExifTags.Base
    fraction: ExifTags.Base
    offsets: tuple[ExifTags.Base, ...]


ORIGINAL = Clock(
    ExifTags.Base.DateTimeOriginal,
    ExifTags.Base.SubsecTimeOriginal,
    (
        ExifTags.Base.OffsetTimeOriginal,
        ExifTags.Base.OffsetTime,
        ExifTags.Base.OffsetTimeDigitized,
    ),
)
DIGITIZED = Clock(
    ExifTags.Base.DateTimeDigitized,
    ExifTags.Base.SubsecTimeDigitized,
    (
        ExifTags.Base.OffsetTimeDigitized,
        ExifTags.Base.OffsetTimeOriginal,
        ExifTags.Base.OffsetTime,
    ),
)
CHANGED = Clock(
    ExifTags.Base.DateTime,
    ExifTags.Base.SubsecTime,
    (
        ExifTags.Base.OffsetTime,
        ExifTags.Base.OffsetTimeOriginal,
        ExifTags.Base.OffsetTimeDigitized,
    ),
)
XMP_TIMES = (
    "{http://ns.adobe.com/photoshop/1.0/}DateCreated",
    "{http://ns.adobe.com/exif/1.0/}DateTimeOriginal",
    "{http://ns.adobe.com/xap/1.0/}CreateDate",
)
# An editor's history may be longer; nobody's times are behind so much of it.
MOST_XMP_BYTES = 2**20
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"
IPTC_DATE, IPTC_TIME = (2, 55), (2, 60)


def taken_at(image: ImageFile, notes: Image.Exif) -> datetime | None:
    """The camera's clock, with its fractions of a second: aware where an offset was recorded, else
    naive. None where the file says none that makes sense."""
    ways = (_of_camera, _of_xmp, _of_iptc, _of_satellites, _of_last_change)
    for way in ways:
        # Bad notes raise whatever they like, and must not cost a good picture.
        with suppress(Exception):
            if found := next(way(image, notes), None):
                return found
    return None


def read(
    text: str, *, fraction: str = "", offset: str = "", arrived: datetime | None = None
) -> datetime | None:
    """A moment as it is written in some place, where it is possible, and likely of a file that
    `arrived` then, or has just come."""
    found = MOMENT.fullmatch(text)
    if found is None:
        return None
    *numbers, written_fraction, written_offset = found.groups(default="")
    fraction = written_fraction or fraction
    micros = int(fraction[:6].ljust(6, "0")) if fraction.isdecimal() and fraction.isascii() else 0
    zone = _zone(written_offset) or _zone(offset)
    try:
        year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
        moment = datetime(year, month, day, hour, minute, second, micros, zone)
        return moment if _is_likely(moment, arrived) else None
    except (ValueError, OverflowError):
        return None


def written_in(
    clock: Clock,
    outer: Mapping[int, Any],
    inner: Mapping[int, Any],
    *,
    arrived: datetime | None = None,
) -> datetime | None:
    """One of a camera's times, of its notes in front and of the inner ones."""
    value = (outer if clock is CHANGED else inner).get(clock.tag)
    fraction = exif.text(inner.get(clock.fraction))
    offset = _offset(clock, inner)
    return read(exif.text(value), fraction=fraction, offset=offset, arrived=arrived)


def notes_of(clock: Clock, moment: datetime) -> dict[int, str]:
    """How a camera writes it, and no sign more: its own tag, fraction and offset."""
    text = moment.isoformat(" ", "microseconds")  # 2026-06-20 14:03:22.870000+02:00
    said: dict[int, str] = {clock.tag: text[:19].replace("-", ":")}
    if fraction := text[20:26].rstrip("0"):
        said[clock.fraction] = fraction
    if offset := text[26:32]:
        said[clock.offsets[0]] = offset
    return said


def with_capture_time(picture: bytes, moment: datetime) -> bytes:
    """A JPEG of ours with the time it was taken at, so that phones sort it where it belongs."""
    notes = Image.Exif()
    inner = notes.get_ifd(ExifTags.IFD.Exif)
    text = moment.isoformat(" ", "milliseconds")  # 2026-06-20 14:03:22.870+02:00
    inner[ExifTags.Base.DateTimeOriginal] = text[:19].replace("-", ":")
    inner[ExifTags.Base.SubsecTimeOriginal] = text[20:23]
    inner[ExifTags.Base.OffsetTimeOriginal] = text[23:29]
    return jpeg.START + jpeg.segment(jpeg.EXIF, notes.tobytes()) + picture[2:]


# How much longer a picture is with its time: always the same.
CAPTURE_TIME_BYTES = len(with_capture_time(jpeg.START, datetime(2026, 1, 1, tzinfo=UTC))) - 2


def _of_camera(image: ImageFile, notes: Image.Exif) -> Iterator[datetime]:
    inner = notes.get_ifd(ExifTags.IFD.Exif)
    for clock in (ORIGINAL, DIGITIZED):
        if found := written_in(clock, notes, inner):
            yield found


def _of_last_change(image: ImageFile, notes: Image.Exif) -> Iterator[datetime]:
    """Better than nothing: of most pictures it is when they were taken."""
    if found := written_in(CHANGED, notes, notes.get_ifd(ExifTags.IFD.Exif)):
        yield found


def _offset(clock: Clock, inner: Mapping[int, Any]) -> str:
    offsets = (exif.text(inner.get(tag)) for tag in clock.offsets)
    return next((offset for offset in offsets if _zone(offset)), "")


def _of_xmp(image: ImageFile, notes: Image.Exif) -> Iterator[datetime]:
    written = image.info.get("xmp", b"")
    if not written or len(written) > MOST_XMP_BYTES:
        return
    tree = ElementTree.fromstring(written.rstrip(b"\0 "))
    said: dict[str, str] = {}
    # Deeper are those of other pictures that went into this one.
    for described in (node for rdf in tree.iter(RDF) for node in rdf):
        for name, value in [*described.items(), *((one.tag, one.text) for one in described)]:
            said.setdefault(name, value or "")
    offset = _offset(ORIGINAL, notes.get_ifd(ExifTags.IFD.Exif))
    for name in XMP_TIMES:
        if found := read(said.get(name, "").strip(), offset=offset):
            yield found


def _of_iptc(image: ImageFile, notes: Image.Exif) -> Iterator[datetime]:
    said: Any = IptcImagePlugin.getiptcinfo(image) or {}
    date, time = (said.get(key, b"").decode("ascii") for key in (IPTC_DATE, IPTC_TIME))
    if len(date) == 8 and len(time) >= 6:
        day = f"{date[:4]}-{date[4:6]}-{date[6:]}"
        if found := read(f"{day} {time[:2]}:{time[2:4]}:{time[4:6]}{time[6:]}"):
            yield found


def _of_satellites(image: ImageFile, notes: Image.Exif) -> Iterator[datetime]:
    said = notes.get_ifd(ExifTags.IFD.GPSInfo)
    day = exif.text(said.get(ExifTags.GPS.GPSDateStamp))
    hours, minutes, seconds = map(float, said[ExifTags.GPS.GPSTimeStamp])
    since = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    midnight = read(f"{day} 00:00:00Z")
    if midnight and timedelta(0) <= since < timedelta(days=1) and _is_likely(midnight + since):
        yield midnight + since


def _zone(offset: str) -> timezone | None:
    if offset == "Z":
        return UTC
    found = OFFSET.fullmatch(offset)
    if found is None:
        return None
    sign, hours, minutes = found.groups()
    amount = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-amount if sign == "-" else amount) if amount <= FARTHEST_ZONE else None


def _is_likely(moment: datetime, arrived: datetime | None = None) -> bool:
    return EARLIEST <= _universal(moment) <= (arrived or datetime.now(UTC)) + AHEAD


def _universal(moment: datetime) -> datetime:
    """Of a clock without an offset, as if there were none: that is less than a day wrong."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
