"""Sections: named once, in an order, filled and emptied; guests' pages know of each change."""

from datetime import timedelta

import pytest

from events import audit
from photos import sections
from photos.gallery import versions
from photos.models import Photo
from photos.sections import SectionRefused
from tests.builders import NOON, make_event, make_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def ceremony(event, organizer):
    return sections.make(event, "Ceremony", by=organizer)


def names(event):
    return [section.name for section in sections.of(event)]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (" ceremony ", "section_name_taken"),
        ("\u202e ", "section_without_name"),
        ("x" * 61, "section_name_too_long"),
    ],
)
def test_a_name_that_is_none_or_taken_is_refused(ceremony, event, organizer, name, code):
    with pytest.raises(SectionRefused, match=code):
        sections.make(event, name, by=organizer)


def test_there_are_only_so_many(event, organizer, monkeypatch):
    monkeypatch.setattr(sections, "MOST", 1)
    assert sections.named(event, "One", by=organizer)
    assert sections.named(event, "Two", by=organizer) is None
    assert sections.named(event, "ONE", by=organizer).name == "One"


def test_they_are_put_in_order_whatever_is_asked(event, organizer):
    first, second, third = (sections.make(event, name, by=organizer) for name in "ABC")
    sections.put_in_order(event, [third.pk, 0, third.pk, first.pk], by=organizer)
    assert names(event) == ["C", "A", "B"]
    assert second.position == 1


def test_photos_of_other_events_stay_out(ceremony, organizer):
    other = make_photo(make_event())
    assert sections.assign(Photo.objects.all(), ceremony, by=organizer) == []
    other.refresh_from_db()
    assert other.section is None


def test_assigning_says_what_was_before_and_the_log_counts(ceremony, event, organizer):
    party = sections.make(event, "Party", by=organizer)
    photos = [make_photo(event, section=ceremony), make_photo(event), make_photo(event)]
    before = dict(sections.assign(Photo.objects.all(), party, by=organizer))
    assert before == {ceremony.pk: [photos[0].pk], None: [photos[1].pk, photos[2].pk]}
    assert sections.assign(Photo.objects.all(), party, by=organizer) == []
    lines = [line.what for line in audit.lines(audit.entries(event))]
    assert lines[0] == "Put photos into a section (3): Party"


def test_each_change_makes_general_another(ceremony, event, organizer):
    seen = {versions.version(event).everybody}
    photo = make_photo(event)
    for change in (
        lambda: sections.rename(ceremony, "Church", by=organizer),
        lambda: sections.make(event, "Party", by=organizer),
        lambda: sections.assign(Photo.objects.filter(pk=photo.pk), ceremony, by=organizer),
        lambda: sections.remove(ceremony, by=organizer),
    ):
        change()
        seen.add(versions.version(event).everybody)
    assert len(seen) == 5
    assert Photo.objects.get().section is None


def test_a_span_has_its_last_minute(event):
    """Forms say minutes, and cameras seconds."""
    last = make_photo(event, taken_at=NOON + timedelta(seconds=59))
    make_photo(event, taken_at=NOON + timedelta(seconds=60))
    assert list(sections.taken_between(event, NOON, NOON)) == [last]
