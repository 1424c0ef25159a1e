"""When a picture was taken: read from the camera, and written for guests."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from photos.imaging import images, jpeg, png
from photos.imaging.capture_time import CAPTURE_TIME_BYTES, with_capture_time
from tests.photos.imaging.pictures import (
    corners,
    encoded,
    with_exif,
)

FIRST_DAY, LAST_DAY = datetime(1990, 1, 2), datetime(2026, 1, 1)  # noqa: DTZ001


def taken_at(**tags: str) -> datetime | None:
    data = encoded(corners(), exif=with_exif(**tags))
    return images.inspect(data, max_bytes=10**7, max_megapixels=50).taken_at


def test_capture_time_is_the_cameras_clock() -> None:
    clock = taken_at(taken="2024:06:01 14:30:05")
    assert clock is not None
    assert clock.isoformat() == "2024-06-01T14:30:05"


def test_capture_time_has_the_offset_the_camera_recorded() -> None:
    moment = taken_at(taken="2024:06:01 14:30:05", offset="+02:00")
    assert moment == datetime(2024, 6, 1, 12, 30, 5, tzinfo=UTC)
    assert moment.utcoffset() == timedelta(hours=2)


@pytest.mark.parametrize(
    "taken",
    [
        *["0000:00:00 00:00:00", "yesterday", "", "2024:13:40 99:00:00"],
        *[
            "0001:01:01 00:00:00",
            "9999:12:31 23:59:59",
        ],  # elsewhere before the first, after the last
    ],
)
def test_a_capture_time_without_sense_counts_as_none(taken: str) -> None:
    assert taken_at(taken=taken) is None


@pytest.mark.parametrize("offset", ["nonsense", "+99:99", "   "])
def test_an_offset_without_sense_is_ignored(offset: str) -> None:
    clock = taken_at(taken="2024:06:01 14:30:05", offset=offset)
    assert clock is not None
    assert clock.tzinfo is None


DAY = "2024:06:01 14:30:05"
ORIGINAL, DIGITIZED, CHANGED = 0x9003, 0x9004, 0x0132
OFFSET, OFFSET_ORIGINAL, OFFSET_DIGITIZED = 0x9010, 0x9011, 0x9012
SUBSEC, SUBSEC_ORIGINAL, SUBSEC_DIGITIZED = 0x9290, 0x9291, 0x9292


def notes(*tags: tuple[int, object], gps: dict[int, object] | None = None) -> Image.Exif:
    exif = Image.Exif()
    for tag, value in tags:
        (exif if tag < 0x8000 else exif.get_ifd(0x8769))[tag] = value
    if gps:
        exif.get_ifd(0x8825).update(gps)
    return exif


def xmp(*said: str) -> bytes:
    """Properties as elements, where they have brackets, else as attributes."""
    elements = "".join(one for one in said if one.startswith("<"))
    attributes = " ".join(one for one in said if not one.startswith("<"))
    return (
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        "<rdf:Description xmlns:exif='http://ns.adobe.com/exif/1.0/'"
        " xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/'"
        f" xmlns:xmp='http://ns.adobe.com/xap/1.0/' {attributes}>{elements}"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def iptc(day: str, time: str) -> bytes:
    """A JPEG's segment of Adobe's with the two records."""
    records = b"".join(
        b"\x1c\x02" + bytes([number]) + struct.pack(">H", len(value)) + value.encode()
        for number, value in ((55, day), (60, time))
    )
    block = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(records)) + records
    return jpeg.segment(0xED, b"Photoshop 3.0\0" + block + b"\0" * (len(block) % 2))


def said(data: bytes) -> str:
    moment = images.inspect(data, max_bytes=10**7, max_megapixels=50).taken_at
    return moment.isoformat() if moment else ""


PLAIN = "2024-06-01T14:30:05"
IN_TOKYO = f"{PLAIN}+09:00"
SATELLITES = {29: "2024:06:01", 7: (14.0, 30.0, 5.0)}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (notes((ORIGINAL, DAY), (DIGITIZED, "2001:01:01 00:00:00")), PLAIN),
        # What makes no sense is passed over.
        (notes((ORIGINAL, "0000:00:00 00:00:00"), (DIGITIZED, DAY)), PLAIN),
        (notes((ORIGINAL, "    :  :     :  :  "), (DIGITIZED, DAY)), PLAIN),
        (notes((ORIGINAL, "1989:12:31 23:59:59"), (DIGITIZED, DAY)), PLAIN),
        (notes((ORIGINAL, "2099:01:01 00:00:00"), (DIGITIZED, DAY)), PLAIN),
        (notes((ORIGINAL, "2024:02:30 00:00:00"), (DIGITIZED, DAY)), PLAIN),
        (notes((DIGITIZED, DAY)), PLAIN),
        # The last change counts where there is nothing else: not even the satellites'.
        (notes((CHANGED, DAY)), PLAIN),
        (notes((CHANGED, "2025:01:01 00:00:00"), gps=SATELLITES), f"{PLAIN}+00:00"),
        (notes((ORIGINAL, "2099:01:01 00:00:00")), ""),
        # Any of three offsets, or one in the text itself.
        (notes((ORIGINAL, DAY), (OFFSET_ORIGINAL, "+09:00")), IN_TOKYO),
        (notes((ORIGINAL, DAY), (OFFSET, "+09:00")), IN_TOKYO),
        (notes((ORIGINAL, DAY), (OFFSET_DIGITIZED, "+09:00")), IN_TOKYO),
        (notes((ORIGINAL, DAY), (OFFSET_ORIGINAL, "?"), (OFFSET, "+09:00")), IN_TOKYO),
        (notes((ORIGINAL, DAY), (OFFSET_ORIGINAL, "+09:00"), (OFFSET, "+01:00")), IN_TOKYO),
        (notes((DIGITIZED, DAY), (OFFSET, "+01:00"), (OFFSET_DIGITIZED, "+09:00")), IN_TOKYO),
        (notes((CHANGED, DAY), (OFFSET, "+09:00")), IN_TOKYO),
        (notes((ORIGINAL, f"{DAY}+09:00")), IN_TOKYO),
        (notes((ORIGINAL, f"{DAY}+09:00"), (OFFSET_ORIGINAL, "+01:00")), IN_TOKYO),
        (notes((ORIGINAL, f"{DAY}Z")), f"{PLAIN}+00:00"),
        (notes((ORIGINAL, DAY), (OFFSET_ORIGINAL, "-0330")), f"{PLAIN}-03:30"),
        (notes((ORIGINAL, "2024-06-01T14:30:05")), PLAIN),
        (notes((ORIGINAL, "2024:06:01 14:30")), "2024-06-01T14:30:00"),
        # Fractions of a second are no numbers: 5 and 50 are half a second.
        (notes((ORIGINAL, DAY), (SUBSEC_ORIGINAL, "87")), f"{PLAIN}.870000"),
        (notes((ORIGINAL, DAY), (SUBSEC_ORIGINAL, "5 ")), f"{PLAIN}.500000"),
        (notes((ORIGINAL, DAY), (SUBSEC_ORIGINAL, "123456789")), f"{PLAIN}.123456"),
        (notes((ORIGINAL, DAY), (SUBSEC_ORIGINAL, "x")), PLAIN),
        (notes((ORIGINAL, DAY), (SUBSEC, "50")), PLAIN),
        (notes((DIGITIZED, DAY), (SUBSEC_DIGITIZED, "25")), f"{PLAIN}.250000"),
        (notes((CHANGED, DAY), (SUBSEC, "25")), f"{PLAIN}.250000"),
        (notes((ORIGINAL, f"{DAY}.87")), f"{PLAIN}.870000"),
        (notes(gps=SATELLITES), f"{PLAIN}+00:00"),
        (notes(gps={29: "2024:06:01"}), ""),
        (notes(gps={7: (14.0, 30.0, 5.0)}), ""),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "HEIF"])
def test_the_first_of_the_cameras_times_that_makes_sense_counts(
    found: Image.Exif, expected: str, kind: str
) -> None:
    assert said(encoded(corners(), kind, exif=found)) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (xmp(f"<photoshop:DateCreated>{IN_TOKYO}</photoshop:DateCreated>"), IN_TOKYO),
        (xmp(f"photoshop:DateCreated='{IN_TOKYO}'"), IN_TOKYO),
        (xmp(f"exif:DateTimeOriginal='{PLAIN}.25'"), f"{PLAIN}.250000"),
        (xmp(f"<xmp:CreateDate>{PLAIN}</xmp:CreateDate>"), PLAIN),
        (xmp(f"xmp:CreateDate='2025-01-01T00:00:00' exif:DateTimeOriginal='{PLAIN}'"), PLAIN),
        # A day alone is no moment, and a change none of the picture's.
        (xmp(f"photoshop:DateCreated='2024-06-01' xmp:CreateDate='{PLAIN}'"), PLAIN),
        (xmp("photoshop:DateCreated='2024-06-01'"), ""),
        (xmp(f"xmp:ModifyDate='{PLAIN}'"), ""),
        (b"<x:xmpmeta", ""),
        (
            b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
            + xmp(f"xmp:CreateDate='{PLAIN}'"),
            "",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "HEIF"])
def test_xmp_says_it_where_the_camera_does_not(written: bytes, expected: str, kind: str) -> None:
    assert said(encoded(corners(), kind, xmp=written)) == expected


def test_iptc_comes_before_the_satellites_and_after_xmp() -> None:
    plain = encoded(corners(), exif=notes(gps={29: "2020:01:01", 7: (1.0, 0.0, 0.0)}))
    written = iptc("20240601", "143005+0900")
    assert said(plain[:2] + written + plain[2:]) == IN_TOKYO
    by_xmp = encoded(corners(), xmp=xmp("xmp:CreateDate='2023-01-01T01:00:00'"))
    assert said(by_xmp[:2] + written + by_xmp[2:]) == "2023-01-01T01:00:00"
    assert said(plain[:2] + iptc("20240601", "") + plain[2:]) == "2020-01-01T01:00:00+00:00"


def png_with(*chunks: tuple[bytes, bytes], is_last: bool) -> bytes:
    """Chunks before or behind the pixels."""
    plain = encoded(corners(), "PNG")
    at = plain.index(b"IEND") - 4 if is_last else plain.index(b"IDAT") - 4
    made = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    return plain[:at] + made + plain[at:]


@pytest.mark.parametrize("is_last", [False, True])
def test_a_png_says_it_before_or_behind_its_pixels(is_last: bool) -> None:
    found = notes((ORIGINAL, DAY), (SUBSEC_ORIGINAL, "5"), (0x0112, 6))
    data = png_with((b"eXIf", found.tobytes()[6:]), is_last=is_last)
    assert said(data) == f"{PLAIN}.500000"
    info = images.inspect(data, max_bytes=10**7, max_megapixels=50)
    assert (info.width, info.height) == (120, 200)
    assert images.decode(data, min_side=None).pixels.shape == (200, 120, 3)
    text = b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(f"xmp:CreateDate='{IN_TOKYO}'")
    assert said(png_with((b"iTXt", text), is_last=is_last)) == IN_TOKYO


@pytest.mark.parametrize("end", [36, 40, 60, -3])
def test_a_png_that_was_cut_off_is_looked_into_as_far_as_it_goes(end: int) -> None:
    cut = png_with((b"eXIf", b"x" * 40), is_last=False)[:end]
    assert (b"x" * 40).startswith(png.notes(cut).get("exif", b""))
    assert png.notes(cut + b"\xff" * 30).keys() <= {"exif"}


def test_a_clock_may_be_less_than_a_day_ahead(time_machine) -> None:
    time_machine.move_to(datetime(2024, 5, 31, 15, tzinfo=UTC))
    assert said(encoded(corners(), exif=notes((ORIGINAL, DAY)))) == PLAIN
    time_machine.move_to(datetime(2024, 5, 31, 14, tzinfo=UTC))
    assert said(encoded(corners(), exif=notes((ORIGINAL, DAY)))) == ""


@given(st.datetimes(FIRST_DAY, LAST_DAY), st.integers(-12, 14))
def test_a_rendition_is_given_its_time(moment, hours):
    taken = moment.replace(
        microsecond=moment.microsecond // 1000 * 1000, tzinfo=timezone(timedelta(hours=hours))
    )
    plain = io.BytesIO()
    Image.new("RGB", (100, 100), "red").save(plain, "JPEG")
    dated = with_capture_time(plain.getvalue(), taken)
    info = images.inspect(dated, max_bytes=10**6, max_megapixels=1)
    assert info.taken_at == taken
    assert np.array_equal(
        *(images.decode(one, min_side=None).pixels for one in (dated, plain.getvalue()))
    )
    assert len(dated) - len(plain.getvalue()) == CAPTURE_TIME_BYTES


@pytest.mark.parametrize("hours", [99_999, 24])
def test_hours_of_satellites_are_those_of_a_day(hours):
    exif = Image.Exif()
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSDateStamp] = "2026:06:20"
    place[ExifTags.GPS.GPSTimeStamp] = (float(hours), 0.0, 0.0)
    out = io.BytesIO()
    Image.new("RGB", (100, 100)).save(out, "JPEG", exif=exif.tobytes())
    assert images.inspect(out.getvalue(), max_bytes=10**6, max_megapixels=1).taken_at is None
