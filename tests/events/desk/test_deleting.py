"""Deleting an event: its name is typed first."""

from __future__ import annotations

import unicodedata

import pytest
from django.urls import reverse
from django_q.models import OrmQ

from events.models import Event

pytestmark = pytest.mark.django_db


def address(name, event):
    return reverse(f"admin:events_event_{name}", args=[event.pk])


@pytest.mark.parametrize("typed", ["", "something else"])
def test_another_name_deletes_nothing(event, organizer, as_user, typed):
    answer = as_user(organizer).post(address("delete", event), {"name": typed})
    assert answer.status_code == 422
    assert Event.objects.kept().filter(pk=event.pk).exists()


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("L’anniversaire", "L'anniversaire"),
        ("L’été d’Anaïs", unicodedata.normalize("NFD", "l'été d'anaïs")),
        ("Anna – “Ben”", 'Anna - "Ben"'),
        ("Gala 2026", "Gala\u00a02026"),
        ("é" * 120, unicodedata.normalize("NFD", "é" * 120)),
    ],
)
def test_the_name_is_typed_as_keyboards_have_it(event, organizer, as_user, name, typed):
    Event.objects.update(name=name)
    answer = as_user(organizer).post(address("delete", event), {"name": typed})
    assert answer.status_code == 302
    assert not Event.objects.kept().exists()


@pytest.mark.parametrize("typed", ["Lanniversaire", "L'anniversairé"])
def test_another_letter_is_another_name(event, organizer, as_user, typed):
    Event.objects.update(name="L’anniversaire")
    answer = as_user(organizer).post(address("delete", event), {"name": typed})
    assert answer.status_code == 422


def test_the_typed_name_makes_it_disappear_at_once(event, organizer, guest, as_user, settings):
    settings.BIN_DAYS = 0
    client = as_user(organizer)
    client.post(address("delete", event), {"name": f" {event.name.upper()} "})
    assert client.get(address("change", event)).status_code == 404
    assert as_user(guest).get(event.get_absolute_url()).status_code == 404
    assert as_user(guest).get(event.get_join_url()).status_code == 404
    assert [task.task["name"] for task in OrmQ.objects.all()] == [f"remove_event-{event.pk}"]


def test_events_are_not_deleted_from_the_list(event, organizer, as_user):
    as_user(organizer).post(
        reverse("admin:events_event_changelist"),
        {"action": "delete_selected", "_selected_action": [event.pk], "post": "yes"},
    )
    assert Event.objects.kept().filter(pk=event.pk).exists()
