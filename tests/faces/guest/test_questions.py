"""“Is this you?”: three at a sitting, the likeliest first, to the guest and nobody else."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from faces.guest import questions
from faces.models import Consent, FaceMatch
from photos.models import Photo
from tests.builders import consent, make_event, make_face, make_match, make_photo, make_question
from tests.faces.guest.asking import HTMX, answer, card, face_of, list_of, state, undo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("by_hand")]


# --- who is asked ---


def test_outsiders_get_404(event, asked, as_user, stranger, rival_organizer):
    for user in (stranger, rival_organizer):
        client = as_user(user)
        assert list_of(client, event).status_code == 404
        assert face_of(client, event, asked[0]).status_code == 404
        assert answer(client, event, asked[0]).status_code == 404
        assert undo(client, event).status_code == 404
    assert {state(match) for match in asked} == {("", False)}


def test_visitors_are_sent_to_sign_in(event, asked, client):
    for answered in (list_of(client, event), face_of(client, event, asked[0]), undo(client, event)):
        assert answered.status_code == 302


def test_another_guest_neither_sees_nor_answers(event, asked, as_user, guest, other_guest):
    consent(other_guest, event)
    client = as_user(other_guest)
    assert face_of(client, event, asked[0]).status_code == 404
    assert list_of(client, event).context["page"].questions == []
    answered = answer(client, event, asked[0], headers=HTMX)
    assert "Thank you" not in answered.content.decode()
    assert FaceMatch.objects.filter(user=other_guest).count() == 0
    assert state(asked[0]) == ("", False)


def test_the_organizer_who_is_a_member_sees_no_face_either(event, asked, as_user, organizer):
    assert face_of(as_user(organizer), event, asked[0]).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        lambda match: Photo.objects.filter(pk=match.photo_id).update(hidden=True),
        lambda match: Photo.objects.filter(pk=match.photo_id).update(status="processing"),
        lambda match: Consent.objects.update(withdrawn_at=timezone.now()),
        lambda match: FaceMatch.objects.filter(pk=match.pk).update(face=None),
        lambda match: FaceMatch.objects.filter(pk=match.pk).update(verdict="not_me"),
        lambda match: FaceMatch.objects.filter(pk=match.pk).update(band="sure"),
    ],
    ids=["hidden", "not ready", "no consent", "face gone", "answered", "sure"],
)
def test_what_is_no_question_is_neither_asked_nor_shown_nor_answered(
    event, guest, selfie, as_user, change
):
    match = make_question(guest, event)
    client = as_user(guest)
    change(match)
    before = FaceMatch.objects.filter(pk=match.pk).values().get()
    assert list_of(client, event).context["page"].questions == []
    assert face_of(client, event, match).status_code == 404
    answer(client, event, match)
    answer(client, event, match, "unsure")
    assert FaceMatch.objects.filter(pk=match.pk).values().get() == before


def test_a_face_of_another_event_is_not_shown(event, guest, selfie, as_user):
    elsewhere = make_event()
    consent(guest, elsewhere)
    match = make_question(guest, elsewhere)
    assert face_of(as_user(guest), event, match).status_code == 404


def test_an_answer_about_a_face_that_is_not_asked_about_any_more_is_none(
    event, asked, guest, as_user
):
    """A new scan put another face in its place while the page was open."""
    shown = asked[0].face_id
    FaceMatch.objects.filter(pk=asked[0].pk).update(face=make_face(asked[0].photo))
    answer(as_user(guest), event, asked[0], face=shown)
    assert state(asked[0]) == ("", False)


# --- three at a sitting ---


def test_the_likeliest_is_asked_first(event, asked, guest, as_user):
    client = as_user(guest)
    shown = card(client, event)
    assert shown.question.photo == asked[2].photo
    assert shown.following.photo == asked[3].photo
    assert (shown.number, shown.last_number, shown.count) == (1, 3, 5)
    answer(client, event, asked[2])
    assert card(client, event).question.photo == asked[3].photo


def test_three_are_asked_at_a_sitting_and_more_at_a_later_visit(event, asked, guest, as_user):
    client = as_user(guest)
    for said in ("yes", "unsure", "no"):
        shown = card(client, event).question
        match = FaceMatch.objects.get(photo=shown.photo)
        page = client.get(answer(client, event, match, said)["Location"])
    assert page.context["card"].question is None
    assert "That is all for now." in page.content.decode()
    assert "3 more photos to check" in page.content.decode()
    again = client.get(reverse("my_photos", args=[event.slug]))
    assert "That is all for now." not in again.content.decode()
    assert again.context["card"].question is None
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert card(client, event).question is not None


def test_sittings_of_two_events_are_two(event, asked, guest, as_user):
    elsewhere = make_event()
    elsewhere.memberships.create(user=guest)
    consent(guest, elsewhere)
    make_question(guest, elsewhere)
    client = as_user(guest)
    answer(client, event, asked[0])
    assert card(client, elsewhere).number == 1
    assert card(client, event).number == 2


def test_what_was_put_off_comes_last_and_not_in_the_card(event, guest, selfie, as_user):
    likely, unlikely = make_question(guest, event, 80), make_question(guest, event, 70)
    client = as_user(guest)
    answer(client, event, likely, "unsure")
    assert state(likely) == ("", True)
    assert card(client, event).question.photo == unlikely.photo
    shown = list_of(client, event).context["page"].questions
    assert [one.photo for one in shown] == [unlikely.photo, likely.photo]
    answer(client, event, unlikely)
    assert card(client, event).question is None
    assert card(client, event).count == 1


# --- the page of all ---


def test_pages_go_on_where_they_ended_whatever_was_answered(
    event, asked, guest, as_user, monkeypatch
):
    monkeypatch.setattr(questions, "A_PAGE", 2)
    client = as_user(guest)
    seen, after = [], ""
    for _ in range(3):
        page = list_of(client, event, after=after).context["page"]
        seen += [one.photo.pk for one in page.questions]
        for one in page.questions:
            answer(client, event, FaceMatch.objects.get(photo=one.photo), "unsure", on="list")
        after = page.older or ""
    by_likeness = sorted(asked, key=lambda match: -match.similarity)
    assert seen[:5] == [match.photo_id for match in by_likeness]


def test_equally_like_faces_are_all_shown(event, guest, selfie, as_user, monkeypatch):
    monkeypatch.setattr(questions, "A_PAGE", 2)
    made = [make_question(guest, event, 70 + 1 / 3) for _ in range(4)]
    first = list_of(as_user(guest), event).context["page"]
    second = list_of(as_user(guest), event, after=first.older).context["page"]
    shown = [one.photo.pk for one in [*first.questions, *second.questions]]
    assert shown == [match.photo_id for match in made]
    assert second.older is None


@pytest.mark.parametrize("after", ["x", "0~nan~1", "0~1", "1~50~-1", f"0~50~{2**64}"])
def test_a_place_that_cannot_be_read_is_the_beginning(event, asked, guest, as_user, after):
    assert len(list_of(as_user(guest), event, after=after).context["page"].questions) == 5


def test_without_scripts_the_list_comes_back_to_its_place(event, asked, guest, as_user):
    client = as_user(guest)
    place = answer(client, event, asked[2], on="list", after="0~78.0~1")["Location"]
    assert place.startswith(reverse("questions", args=[event.slug]) + "?after=0~78.0~1&answered=")
    assert "Thank you" in client.get(place).content.decode()


def test_missing_some_leads_to_questions_while_there_are_any(event, guest, selfie, as_user):
    make_match(guest, make_photo(event))
    client = as_user(guest)
    address, why = (reverse(name, args=[event.slug]) for name in ("questions", "why_not"))
    assert f'href="{address}"' not in client.get(f"/e/{event.slug}/mine/").content.decode()
    match = make_question(guest, event)
    assert f'href="{address}"' in client.get(f"/e/{event.slug}/mine/").content.decode()
    assert f'href="{address}"' in client.get(why).content.decode()
    assert f'href="{why}"' in list_of(client, event).content.decode()
    answer(client, event, match, "no")
    assert "Nothing to ask" in list_of(client, event).content.decode()


# --- freshness ---


def test_my_photos_is_answered_anew_after_each_answer_and_undo(event, asked, guest, as_user):
    client = as_user(guest)
    address = reverse("my_photos", args=[event.slug])
    client.get(address)  # gives the cookie that forms go with

    def is_fresh(etag):
        return client.get(address, headers={"if-none-match": etag}).status_code == 304

    for change in (
        lambda: answer(client, event, asked[0], "unsure", headers=HTMX),
        lambda: undo(client, event, headers=HTMX),
        lambda: answer(client, event, asked[0], headers=HTMX),
        lambda: FaceMatch.objects.filter(pk=asked[1].pk).update(put_off_at=timezone.now()),
    ):
        etag = client.get(address)["ETag"]
        assert is_fresh(etag)
        change()
        assert not is_fresh(etag)


def test_a_later_visit_is_not_answered_by_what_the_browser_has(event, asked, guest, as_user):
    """The card is back, though no row has changed."""
    client = as_user(guest)
    address = reverse("my_photos", args=[event.slug])
    client.get(address)  # gives the cookie that forms go with
    for match in asked[:3]:
        answer(client, event, match)
    known = {"if-none-match": client.get(address)["ETag"]}
    assert client.get(address, headers=known).status_code == 304
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        again = client.get(address, headers=known)
    assert again.status_code == 200
    assert again.context["card"].question is not None


# --- privacy ---


def test_a_question_looks_the_same_whoever_else_has_the_face(
    event, guest, other_guest, selfie, as_user
):
    match = make_question(guest, event)
    client = as_user(guest)

    def seen():
        page = list_of(client, event).content.decode()
        return page[page.index('<div id="question">') : page.index("</ul>")].split("csrf")[0]

    before = seen()
    make_match(other_guest, match.photo, face=match.face, verdict="me")
    assert seen() == before
    assert "Otto" not in before


def test_nothing_of_a_face_is_logged(event, asked, guest, as_user, caplog):
    client = as_user(guest)
    caplog.clear()
    with caplog.at_level("INFO"):
        answer(client, event, asked[0])
        undo(client, event)
        face_of(client, event, asked[0])
    ours = [record.getMessage() for record in caplog.records if "faces" in record.name]
    assert ours
    assert all(str(guest) not in line and guest.email not in line for line in ours)
    assert all("face" not in line and "similarity" not in line for line in ours)


def test_a_face_is_kept_by_the_guests_browser_only(event, asked, guest, as_user):
    answered = face_of(as_user(guest), event, asked[0])
    assert answered["Content-Type"] == "image/jpeg"
    assert answered["Cache-Control"].startswith("private")


def test_the_face_that_was_just_answered_is_still_shown_and_none_before_it(
    event, asked, guest, as_user
):
    client = as_user(guest)
    answer(client, event, asked[0], "no")
    assert face_of(client, event, asked[0]).status_code == 200
    answer(client, event, asked[1], "no")
    assert face_of(client, event, asked[0]).status_code == 404
    Photo.objects.filter(pk=asked[1].photo_id).update(hidden=True)
    assert face_of(client, event, asked[1]).status_code == 404
