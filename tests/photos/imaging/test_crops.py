"""Where a picture is cut: nobody loses their head."""

import pytest

from photos.imaging.crops import NOBODY, Box, focus_on, window

# Three who stand close together, in parts of a landscape of 1500 x 1000.
GROUP = [Box(0.1, 0.2, 0.06, 0.09), Box(0.2, 0.12, 0.06, 0.09), Box(0.3, 0.3, 0.06, 0.09)]


@pytest.mark.parametrize("shape", [0.5, 0.75, 1.0, 1.5, 1.9, 2.5])
def test_a_frame_that_a_group_fits_into_shows_all_of_it(shape):
    left, top, right, bottom = window(1500, 1000, shape, focus_on(GROUP))
    assert (right - left) / (bottom - top) == pytest.approx(shape)
    for box in GROUP:
        assert left <= box.left * 1500
        assert right >= (box.left + box.width) * 1500
        assert top <= box.top * 1000
        assert bottom >= (box.top + box.height) * 1000


def test_hair_is_seen_too():
    face = Box(0.5, 0.3, 0.1, 0.15)
    _, top, _, bottom = window(1000, 1000, 3, focus_on([face]))
    assert top < 1000 * (face.top - face.height / 2)
    assert bottom > 1000 * (face.top + face.height)


def test_people_in_the_background_do_not_count():
    assert focus_on([*GROUP, Box(0.9, 0.9, 0.01, 0.02)]) == focus_on(GROUP)


@pytest.mark.parametrize("boxes", [[], [Box(0, 0, 1, 1)]])
def test_where_nothing_can_be_said_it_is_near_the_middle(boxes):
    assert focus_on(boxes) in (NOBODY, (0.5, 0.5))
