"""When a picture was taken: read from the camera, and written for guests."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photos.imaging import images
from photos.imaging.capture_time import CAPTURE_TIME_BYTES, with_capture_time
from tests.photos.imaging.pictures import (
    corners,
    encoded,
    with_exif,
)

FIRST_DAY, LAST_DAY = datetime(1970, 1, 2), datetime(2100, 1, 1)  # noqa: DTZ001


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


@given(st.datetimes(FIRST_DAY, LAST_DAY), st.integers(-12, 14))
def test_a_rendition_is_given_its_time(moment, hours):
    taken = moment.replace(microsecond=0, tzinfo=timezone(timedelta(hours=hours)))
    plain = io.BytesIO()
    Image.new("RGB", (100, 100), "red").save(plain, "JPEG")
    dated = with_capture_time(plain.getvalue(), taken)
    info = images.inspect(dated, max_bytes=10**6, max_megapixels=1)
    assert info.taken_at == taken
    assert np.array_equal(
        *(images.decode(one, min_side=None).pixels for one in (dated, plain.getvalue()))
    )
    assert len(dated) - len(plain.getvalue()) == CAPTURE_TIME_BYTES
