"""A face is found again by its box."""

import pytest

from faces.vision.boxes import Box


def test_what_is_written_is_read():
    box = Box(0.125, 0.25, 0.3, 0.41237)
    assert Box.read(box.written) == box


@pytest.mark.parametrize(
    "text", ["", "0.1 0.2 0.3", "1 2 3 4 5", "a b c d", "nan 0 1 1", "0 0 inf 1"]
)
def test_what_is_no_box_is_refused(text):
    with pytest.raises(ValueError, match=r"numbers|convert"):
        Box.read(text)


@pytest.mark.parametrize(
    ("other", "overlap"),
    [
        (Box(0.2, 0.2, 0.4, 0.4), 1),
        (Box(0.2, 0.2, 0.4, 0.2), 0.5),
        (Box(0.4, 0.2, 0.4, 0.4), 1 / 3),
        (Box(0.7, 0.7, 0.1, 0.1), 0),
        (Box(0, 0, 1e300, -1e300), 0),
        (Box(0.2, 0.2, 0, 0), 0),
    ],
)
def test_overlap_is_what_both_share_of_what_they_cover(other, overlap):
    assert Box(0.2, 0.2, 0.4, 0.4).overlap(other) == pytest.approx(overlap)


def test_a_box_around_the_whole_picture_is_no_face_in_it():
    assert Box(0, 0, 1, 1).overlap(Box(0.4, 0.4, 0.2, 0.2)) < 0.1
