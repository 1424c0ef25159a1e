"""An event's days, in lists and on a page of its own."""

from datetime import date

import pytest
from django.utils import translation

from findme.formats import periods

DAY = date(2027, 11, 15)


@pytest.mark.parametrize(
    ("language", "last", "words"),
    [
        ("en", DAY, "15 Nov 2027"),
        ("fr", DAY, "15 nov. 2027"),
        ("en", date(2027, 11, 16), "15–16 Nov 2027"),
        ("fr", date(2027, 12, 1), "15 nov.\u2009–\u20091 déc. 2027"),
    ],
)
def test_lists_have_one_day_and_several_in_one_style(language, last, words):
    with translation.override(language):
        assert periods.short(DAY, last) == words


@pytest.mark.parametrize(
    ("language", "words"), [("en", "15 November 2027"), ("fr", "15 novembre 2027")]
)
def test_a_page_of_one_event_has_its_day_in_full(language, words):
    with translation.override(language):
        assert periods.in_full(DAY, DAY) == words
