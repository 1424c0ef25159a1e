"""The log of an event: who did what, in words, for its organizers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from auditlog.models import LogEntry
from django.urls import reverse
from django.utils import timezone, translation

from events import audit
from events.desk import organizing
from events.models import Event, User
from tests.builders import make_event

pytestmark = pytest.mark.django_db


def lines_of(event):
    return [(line.who, line.what) for line in audit.lines(audit.entries(event))]


def test_changes_of_fields_are_recorded_wherever_they_are_made(event):
    event.match_threshold = 80.0
    event.save()
    assert lines_of(event)[0] == ("FindMe", "Changed: Match threshold (85 → 80)")


def test_values_are_told_in_words(event):
    event.guest_uploads, event.indexing = True, Event.Indexing.GUESTS_ONLY
    event.match_threshold, event.delete_on = 82.5, date(2027, 6, 20)
    event.join_until = datetime(2027, 1, 2, 18, 30, tzinfo=UTC)
    event.save()
    with translation.override("fr"), timezone.override(ZoneInfo("Europe/Paris")):
        (_, told) = lines_of(event)[0]
    for words in ("(non → oui)", "(85 → 82,5)", "(– → 20 juin 2027)", "→ 2 jan. 2027 à 19:30)"):
        assert words in told
    assert "True" not in told
    assert "guests_only" not in told


def test_actions_name_who_did_them(event, organizer, as_user):
    as_user(organizer).post(reverse("admin:events_event_close", args=[event.pk]))
    assert lines_of(event)[0] == ("Olga", "Closed the event")


def test_people_are_named_while_they_exist(event, organizer, guest):
    audit.record(event, "role_changed", by=organizer, person=guest, role="photographer")
    assert lines_of(event)[0] == ("Olga", "Made Gina photographer")
    User.objects.filter(pk=guest.pk).delete()
    assert lines_of(event)[0] == ("Olga", "Made somebody photographer")


def test_a_code_without_words_is_an_error(event):
    with pytest.raises(KeyError):
        audit.record(event, "unheard_of", by=None)


def test_every_text_can_be_shown(event, guest):
    for did in audit.TEXTS:
        audit.record(event, did, by=None, person=guest, role="guest", count=3, photos=3)
    assert len(lines_of(event)) >= len(audit.TEXTS)


def test_no_secret_and_no_address_is_kept(event, organizer, guest, as_user):
    old = event.join_code
    organizing.rotate_code(event, by=organizer)
    as_user(organizer).post(
        reverse("admin:events_event_guests", args=[event.pk]),
        {"email": "pia@example.com", "role": "photographer"},
    )
    kept = str(list(LogEntry.objects.values()))
    for secret in (old, event.join_code, "pia@example.com", organizer.email, "127.0.0.1"):
        assert secret not in kept


def test_the_log_page_costs_the_same_for_many_lines(
    event, organizer, as_user, django_assert_max_num_queries
):
    for _ in range(60):
        audit.record(event, "code_rotated", by=organizer)
    address = reverse("admin:events_event_history", args=[event.pk])
    client = as_user(organizer)
    with django_assert_max_num_queries(12):
        page = client.get(address)
    assert len(page.context["lines"]) == 50


def test_a_deleted_events_log_stays(event, organizer):
    organizing.start_deletion(event, by=organizer)
    pk = event.pk
    Event.objects.get(pk=pk).delete()
    gone = Event(pk=pk)
    assert [what for _, what in lines_of(gone)][:2] == [
        "Everything of the event is removed",
        "Deleted the event",
    ]


def test_logs_are_apart(event):
    other = make_event()
    audit.record(other, "event_closed", by=None)
    assert "Closed the event" not in [what for _, what in lines_of(event)]
