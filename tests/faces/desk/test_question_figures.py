"""What guests were asked and answered, on the organizer's page: all of them together."""

import pytest
from django.urls import reverse

from faces.desk import question_figures
from faces.finding import verdicts
from tests.builders import consent, make_event, make_match, make_photo, make_question

pytestmark = pytest.mark.django_db


@pytest.fixture
def answers(event, guest, other_guest):
    """Five questions to two guests, of which three are answered, two with yes."""
    for user, said in [(guest, "me"), (guest, "not_me"), (other_guest, "me"), (guest, "")]:
        make_question(user, event, verdict=said)
    make_question(other_guest, event, put_off_at=event.created_at)


def shown(client, event, **headers):
    address = reverse("admin:events_event_figures", args=[event.pk])
    return " ".join(client.get(address, headers=headers).content.decode().split())


def test_asked_answered_and_right_are_counted(event, answers):
    counts = question_figures.of_event(event)
    assert (counts.asked, counts.answered, counts.right) == (5, 3, 2)
    assert counts.right_percent == 67


def test_what_nobody_was_asked_is_not_counted(event, guest):
    consent(guest, event)
    verdicts.say(user=guest, photo=make_photo(event), verdict="me")  # found by the guest alone
    make_match(guest, make_photo(event))
    make_match(guest, make_photo(event), verdict="not_me")
    make_question(guest, make_event(), verdict="me")
    assert question_figures.of_event(event).asked == 0


def test_the_page_says_it_with_nobodys_name(event, answers, organizer, as_user):
    page = shown(as_user(organizer), event)
    assert "<strong>5</strong> questions to guests" in page
    assert "<strong>3</strong> answered" in page
    assert "<strong>2</strong> with yes (67%)" in page
    assert "Gina" not in page
    assert "Otto" not in page


def test_the_page_says_it_in_french(event, answers, organizer, as_user):
    client = as_user(organizer)
    page = shown(client, event, **{"accept-language": "fr"}).replace("\N{NO-BREAK SPACE}", " ")
    assert "<strong>2</strong> oui (67 %)" in page


def test_where_nobody_was_asked_nothing_is_said(event, organizer, as_user):
    assert question_figures.of_event(event).right_percent == 0
    assert "Is this you" not in shown(as_user(organizer), event)
