"""Answers to “is this you?”: used at once, thanked for, and taken back; by forms and in place."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from faces.finding import verdicts
from faces.models import FaceMatch
from photos.models import Photo
from tests.builders import make_match, make_photo
from tests.faces.guest.asking import HTMX, answer, card, face_of, list_of, state, undo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("by_hand")]


# --- answers ---


def test_yes_brings_the_photo_and_no_does_not(event, asked, guest, as_user):
    client = as_user(guest)
    answer(client, event, asked[0], "yes")
    answer(client, event, asked[1], "no")
    assert (state(asked[0]), state(asked[1])) == (("me", False), ("not_me", False))
    page = client.get(reverse("my_photos", args=[event.slug]))
    assert [shown.id for shown in page.context["page"].photos] == [asked[0].photo_id]


def test_thanks_say_how_many_photos_came_of_it(event, asked, guest, as_user, monkeypatch):
    """A yes may bring others: here two, of which one is hidden."""

    def renewing(*, user, photo, **more):
        FaceMatch.objects.filter(pk=asked[1].pk).update(band="sure")
        make_match(user, make_photo(event, hidden=True))
        return said(user=user, photo=photo, **more)

    said = verdicts.say
    monkeypatch.setattr(verdicts, "say", renewing)
    client = as_user(guest)
    page = client.get(answer(client, event, asked[0])["Location"]).content.decode()
    assert "Thank you: 2 more photos are yours." in page


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("yes", "Merci : cette photo est maintenant parmi les vôtres."),
        ("no", "Merci : la question ne vous sera plus posée."),
        ("unsure", "Pas de souci : elle vous attend sous « Il en manque ? »."),
    ],
)
def test_thanks_are_in_french_too(event, asked, guest, as_user, said, words):
    client = as_user(guest)
    client.cookies["django_language"] = "fr"
    page = client.get(answer(client, event, asked[0], said)["Location"]).content.decode()
    page = page.replace("\N{NO-BREAK SPACE}", " ")
    assert words in page
    assert "Est-ce vous ?" in page
    assert "2 sur 3" in page


def test_thanks_are_said_once(event, asked, guest, as_user):
    client = as_user(guest)
    place = answer(client, event, asked[0])["Location"]
    assert "Thank you" in client.get(place).content.decode()
    assert "Thank you" not in client.get(reverse("my_photos", args=[event.slug])).content.decode()


def test_an_answer_given_twice_counts_once(event, asked, guest, as_user):
    client = as_user(guest)
    answer(client, event, asked[0], "yes")
    answer(client, event, asked[0], "no")
    assert state(asked[0]) == ("me", False)
    assert card(client, event).number == 2


def test_rubbish_is_answered_with_a_sentence(event, asked, guest, as_user):
    client = as_user(guest)
    page = client.get(answer(client, event, asked[0], "maybe")["Location"]).content.decode()
    assert "That did not work. Please try again." in page
    in_place = answer(client, event, asked[0], face="x", headers=HTMX).content.decode()
    assert "That did not work. Please try again." in in_place
    assert state(asked[0]) == ("", False)


def test_in_place_the_next_question_comes_with_thanks_and_the_gallery_hears_of_a_yes(
    event, asked, guest, as_user
):
    client = as_user(guest)
    answered = answer(client, event, asked[2], headers=HTMX)
    part = answered.content.decode()
    assert "<html" not in part
    assert "Thank you: this photo is now among yours." in part
    assert reverse("answer_question", args=[event.slug, asked[3].photo_id]) in part
    assert "photos:changed" in answered["HX-Trigger-After-Settle"]
    assert "HX-Trigger-After-Settle" not in answer(client, event, asked[3], "no", headers=HTMX)


def test_nothing_is_written_while_questions_are_only_looked_at(event, asked, guest, as_user):
    client = as_user(guest)
    list_of(client, event)
    sessions = set(Session.objects.values_list("session_data", flat=True))
    card(client, event)
    list_of(client, event)
    face_of(client, event, asked[0])
    assert set(Session.objects.values_list("session_data", flat=True)) == sessions


# --- taking back ---


@pytest.mark.parametrize("said", ["yes", "no", "unsure"])
def test_the_last_answer_can_be_taken_back(event, asked, guest, as_user, said):
    client = as_user(guest)
    answer(client, event, asked[2], said)
    assert "Taken back." in client.get(undo(client, event)["Location"]).content.decode()
    assert state(asked[2]) == ("", False)
    shown = card(client, event)
    assert (shown.question.photo, shown.number) == (asked[2].photo, 1)


def test_only_the_last_answer_is_taken_back_and_only_once(event, asked, guest, as_user):
    client = as_user(guest)
    answer(client, event, asked[0])
    answer(client, event, asked[1])
    undo(client, event)
    undo(client, event)
    assert (state(asked[0]), state(asked[1])) == (("me", False), ("", False))


def test_what_was_said_elsewhere_meanwhile_stays(event, asked, guest, as_user):
    client = as_user(guest)
    answer(client, event, asked[0], "yes")
    verdicts.say(user=guest, photo=asked[0].photo, verdict="not_me")
    undo(client, event)
    assert state(asked[0]) == ("not_me", False)


def test_a_photo_that_went_meanwhile_is_not_missed(event, asked, guest, as_user):
    client = as_user(guest)
    answer(client, event, asked[0])
    Photo.objects.filter(pk=asked[0].photo_id).delete()
    assert undo(client, event).status_code == 302
    assert list_of(client, event, answered=asked[0].photo_id).status_code == 200


def test_undone_in_place_the_list_is_whole_again(event, asked, guest, as_user):
    client = as_user(guest)
    answered = answer(client, event, asked[0], on="list", headers=HTMX)
    assert "<li" not in answered.content.decode()
    part = undo(client, event, on="list", headers=HTMX).content.decode()
    assert part.count("<li") == 5
    assert "Taken back." in part
