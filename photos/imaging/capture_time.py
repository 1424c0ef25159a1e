"""When a picture was taken: read from what its file says, written into what guests get.

Cameras, phones and editors write it in many places. The first that makes sense counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

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
OFFSET = re.compile(r"([+-])(\d\d?):?(\d\d)")
FARTHEST_ZONE = timedelta(hours=14)
# A tag, that of its fraction of a second, and in which order offsets are asked for.
OFFSETS = ExifTags.Base.OffsetTimeOriginal, ExifTags.Base.OffsetTime
TIMES = (
    (ExifTags.Base.DateTimeOriginal, ExifTags.Base.SubsecTimeOriginal),
    (ExifTags.Base.DateTimeDigitized, ExifTags.Base.SubsecTimeDigitized),
)
OFFSET_OF = {
    ExifTags.Base.DateTimeOriginal: (*OFFSETS, ExifTags.Base.OffsetTimeDigitized),
    ExifTags.Base.DateTimeDigitized: (ExifTags.Base.OffsetTimeDigitized, *OFFSETS),
    ExifTags.Base.DateTime: (ExifTags.Base.OffsetTime, OFFSETS[0]),
}
XMP_TIMES = (
    "{http://ns.adobe.com/photoshop/1.0/}DateCreated",
    "{http://ns.adobe.com/exif/1.0/}DateTimeOriginal",
    "{http://ns.adobe.com/xap/1.0/}CreateDate",
)
# An editor's history may be longer; nobody's times are behind so much of it.
MOST_XMP_BYTES = 2**20
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


def read(text: str, *, fraction: str = "", offset: str = "") -> datetime | None:
    """A moment as it is written in some place, where it is possible and likely."""
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
        is_likely = EARLIEST <= _universal(moment) <= datetime.now(UTC) + AHEAD
    except (ValueError, OverflowError):
        return None
    return moment if is_likely else None


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
    for tag, fraction in TIMES:
        yield from _of_tag(tag, inner.get(tag), inner, fraction)


def _of_last_change(image: ImageFile, notes: Image.Exif) -> Iterator[datetime]:
    """Better than nothing: of most pictures it is when they were taken."""
    inner = notes.get_ifd(ExifTags.IFD.Exif)
    tag = ExifTags.Base.DateTime
    yield from _of_tag(tag, notes.get(tag), inner, ExifTags.Base.SubsecTime)


def _of_tag(
    tag: ExifTags.Base, value: object, inner: Mapping[int, Any], fraction: int
) -> Iterator[datetime]:
    offsets = (exif.text(inner.get(one)) for one in OFFSET_OF[tag])
    offset = next((one for one in offsets if _zone(one)), "")
    found = read(exif.text(value), fraction=exif.text(inner.get(fraction)), offset=offset)
    if found:
        yield found


def _of_xmp(image: ImageFile, notes: Image.Exif) -> Iterator[datetime]:
    written = image.info.get("xmp", b"")
    if not written or len(written) > MOST_XMP_BYTES:
        return
    tree = ElementTree.fromstring(written.rstrip(b"\0 "))
    said: dict[str, str] = {}
    for node in tree.iter():
        said.update(node.attrib)
        said[node.tag] = node.text or ""
    for name in XMP_TIMES:
        if found := read(said.get(name, "").strip()):
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
    if midnight := read(f"{day} 00:00:00Z"):
        yield midnight + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _zone(offset: str) -> timezone | None:
    if offset == "Z":
        return UTC
    found = OFFSET.fullmatch(offset)
    if found is None:
        return None
    sign, hours, minutes = found.groups()
    amount = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-amount if sign == "-" else amount) if amount <= FARTHEST_ZONE else None


def _universal(moment: datetime) -> datetime:
    """Of a clock without an offset, as if there were none: that is less than a day wrong."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
