"""The page where guests are told that the photos are ready: it asks, and says what became of it."""

from __future__ import annotations

import pytest
from django.core import mail
from django.urls import reverse

from events import audit
from events.models import Membership, User
from findme.refusals import words_of
from tests.builders import add_member, make_photo
from tests.workers import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def photos(event, other_guest):
    """Of an event with one guest."""
    event.memberships.filter(user=other_guest).delete()
    return [make_photo(event) for _ in range(3)]


@pytest.fixture
def second_guest(event, photos, other_guest):
    add_member(event, other_guest)
    return other_guest


def page_of(event):
    return reverse("admin:events_event_ready", args=[event.pk])


def test_it_asks_with_the_number_and_shows_the_letter(
    event, organizer, guest, second_guest, as_user
):
    make_photo(event, published=False)
    event.memberships.filter(user=second_guest).update(role=Membership.Role.HOST)
    page = as_user(organizer).get(page_of(event)).content.decode()
    assert "Tell 2 people that the photos are ready?" in page
    assert "organizers and photographers get none" in page
    assert "of those who joined" not in page
    assert "1 photo is not published yet" in page
    assert "You are in all of them." in page
    assert "sont prêtes" in page
    assert mail.outbox == []


def test_afterwards_it_says_when_and_cannot_be_done_again(event, organizer, guest, as_user):
    client = as_user(organizer)
    answer = client.post(page_of(event), follow=True)
    assert "Told 1 person on" in answer.content.decode()
    assert "0 of 1 sent" in answer.content.decode()
    again = client.post(page_of(event))
    assert again.status_code == 422
    assert "told before" in again.content.decode()
    run_jobs()
    part = client.get(reverse("admin:events_event_ready_progress", args=[event.pk]))
    assert "sent" not in part.content.decode()
    assert len(mail.outbox) == 1
    line = audit.lines(audit.entries(event))[0].what
    assert line == "Told the guests that the photos are ready (1)"


@pytest.mark.parametrize(
    ("without", "code"),
    [
        (lambda event: event.memberships.guests().delete(), "ready_nobody_joined"),
        (lambda event: User.objects.update(is_active=False), "ready_all_left_out"),
        (lambda event: event.photos.update(published=False), "ready_no_photos"),
    ],
)
def test_where_nobody_can_be_told_it_says_once_why(event, organizer, guest, as_user, without, code):
    client = as_user(organizer)
    without(event)
    User.objects.filter(pk=organizer.pk).update(is_active=True)
    asked, refused = client.get(page_of(event)), client.post(page_of(event))
    assert (asked.status_code, refused.status_code) == (200, 422)
    for page in (asked.content.decode(), refused.content.decode()):
        assert page.count(words_of(code)) == 1
        assert "Tell 0" not in page
        assert 'class="desk-button desk-button-first"' not in page
