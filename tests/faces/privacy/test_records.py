"""What is stored about a guest, by event and in the order it happened."""

import pytest

from events.models import Membership
from faces.models import Consent
from faces.privacy import records
from photos.models import Download, Favourite
from tests.builders import (
    add_member,
    consent,
    find,
    make_event,
    make_photo,
)

pytestmark = pytest.mark.django_db


def test_the_page_knows_each_event_by_its_own_numbers(event, guest, other_guest):
    find(guest, event)
    find(other_guest, event)
    (record,) = records.records(guest)
    assert (record.template_count, record.match_count) == (1, 1)
    assert record.consent == Consent.objects.get(user=guest)


def test_the_page_counts_what_else_a_guest_leaves(event, guest, other_guest):
    added = make_photo(event, uploader=guest)
    Favourite.objects.create(user=guest, photo=added)
    Download.objects.create(user=guest, event=event, photos=3, size="web")
    Membership.objects.filter(user=guest).delete()
    (record,) = records.records(guest)
    counts = (record.favourite_count, record.upload_count, record.download_count)
    assert counts == (1, 1, 1)
    (record,) = records.records(other_guest)
    assert (record.favourite_count, record.upload_count, record.download_count) == (0, 0, 0)


def test_consents_to_deleted_events_are_still_shown(event, guest):
    given = consent(guest, event)
    event.delete()
    assert records.past_consents(guest) == [given]
    assert records.records(guest) == []


def test_the_page_costs_the_same_for_many_events(guest, django_assert_max_num_queries):
    for _ in range(5):
        where = make_event()
        add_member(where, guest)
        consent(guest, where)
    with django_assert_max_num_queries(16):
        assert len(records.records(guest)) == 5
        assert len(records.activity(guest)) == 11
