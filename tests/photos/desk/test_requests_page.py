"""The desk's page of requests: one card each, two buttons, and whoever asked is told."""

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from events import audit
from photos.gallery import hide_requests
from photos.models import HideRequest, Photo
from tests.builders import make_photo
from tests.workers import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(event, guest):
    guest.address_proven_at = timezone.now()
    guest.save()
    return hide_requests.ask(photo=make_photo(event), user=guest, words="That is my child")


@pytest.fixture
def address(event):
    return reverse("admin:events_event_requests", args=[event.pk])


def test_a_rival_gets_404_and_decides_nothing(asked, address, as_user, rival_organizer):
    assert as_user(rival_organizer).get(address).status_code == 404
    assert as_user(rival_organizer).post(address, {"show": asked.pk}).status_code == 404
    asked.refresh_from_db()
    assert asked.state == HideRequest.State.OPEN


def test_a_request_of_another_event_is_not_found(asked, as_user, rival_organizer):
    rivals = rival_organizer.events.get()
    address = reverse("admin:events_event_requests", args=[rivals.pk])
    assert as_user(rival_organizer).post(address, {"show": asked.pk}).status_code == 404
    assert Photo.objects.get().hidden


def test_the_page_and_the_desk_say_what_waits(asked, address, event, organizer, as_user):
    client = as_user(organizer)
    page = client.get(address).content.decode()
    for words in ("That is my child", "Gina", "Hidden until you decide."):
        assert words in page
    for other in (reverse("admin:index"), reverse("admin:events_event_change", args=[event.pk])):
        assert "1 photo waits for your answer" in client.get(other).content.decode()


@pytest.mark.parametrize(
    ("button", "state", "words"),
    [("hide", "hidden", "has hidden it"), ("show", "shown", "decided that it stays visible")],
)
def test_a_button_decides_and_the_asker_is_told(
    asked, address, organizer, guest, as_user, button, state, words
):
    page = as_user(organizer).post(address, {button: asked.pk}, follow=True).content.decode()
    assert "Nobody waits for an answer." in page
    asked.refresh_from_db()
    assert (asked.state, Photo.objects.get().hidden) == (state, state == "hidden")
    run_jobs()
    (letter,) = mail.outbox
    assert (letter.to, words in letter.body) == ([guest.email], True)
    assert words in as_user(guest).get(reverse("privacy")).content.decode()


def test_nobody_is_written_to_whose_address_is_not_proven(asked, address, organizer, as_user):
    asked.user.address_proven_at = None
    asked.user.save()
    page = as_user(organizer).post(address, {"hide": asked.pk}, follow=True).content.decode()
    assert "under “My privacy”, and gets an e-mail if" in page
    run_jobs()
    assert mail.outbox == []


def test_the_list_of_photos_answers_too(asked, organizer, as_user):
    act = reverse("admin:photos_photo_act")
    as_user(organizer).post(act, {"show": asked.photo_id})
    asked.refresh_from_db()
    assert asked.state == HideRequest.State.SHOWN


def test_the_log_says_who_asked_and_what_was_decided(asked, address, event, organizer, as_user):
    as_user(organizer).post(address, {"hide": asked.pk})
    lines = [(line.who, line.what) for line in audit.lines(audit.entries(event))]
    assert ("Gina", "Asked that a photo be not shown") in lines
    assert ("Olga", "Hid what somebody did not want shown (1)") in lines


def test_the_page_asks_the_same_number_of_queries_for_one_and_for_many(
    asked, address, event, organizer, other_guest, as_user, django_assert_max_num_queries
):
    for _ in range(5):
        hide_requests.ask(photo=make_photo(event), user=other_guest)
    client = as_user(organizer)
    with django_assert_max_num_queries(13):
        assert client.get(address).content.decode().count("<li class=") >= 6
