"""Rows that are full to the edge, and of about one height."""

import random

import pytest

from photos.layout import rows
from photos.layout.rows import FILLS, LEAST

USUAL = (150, 67, 135, 75, 100, 180)


def sums(percents, letter, **options):
    """What the shapes of each row sum up to, in parts of what is wanted; and whether the last one
    is loose."""
    found = rows.rows(percents, **options)
    starts = [0, *(n for n, letters in enumerate(found.begins) if letter in letters)]
    parts = [percents[a:b] for a, b in zip(starts, [*starts[1:], len(percents)], strict=True)]
    return [sum(part) / 100 / FILLS[letter] for part in parts], letter in found.loose[-1]


@pytest.mark.parametrize("letter", FILLS)
@pytest.mark.parametrize("count", [12, 13, 40, 100, 112])
def test_all_rows_of_a_day_that_goes_on_are_full_and_about_as_high(letter, count):
    shuffled = random.Random(count)
    percents = tuple(shuffled.choice(USUAL) for _ in range(count))
    found, is_loose = sums(percents, letter, is_last=False)
    assert not is_loose
    assert min(found) > LEAST
    assert max(found) < 1.7


@pytest.mark.parametrize("letter", FILLS)
def test_the_last_row_of_a_gallery_is_not_stretched(letter):
    for count in range(1, 30):
        found, is_loose = sums((150, 67) * count, letter, is_last=True)
        assert is_loose or found[-1] > 0.75
        assert not is_loose or found[-1] <= rows.MOST_LOOSE


def test_photos_too_few_for_a_row_are_not_blown_up_before_another_day():
    assert rows.rows((67,), is_last=False).loose == ["abcdef"]
    assert rows.rows((150, 150, 150), is_last=False).loose == ["f"] * 3


def test_a_panorama_has_a_row_of_its_own_where_rows_are_narrow():
    assert "a" in rows.rows((300, 300), is_last=False).begins[1]


def test_no_photos_are_no_rows():
    assert rows.rows((), is_last=True) == ([], [])
