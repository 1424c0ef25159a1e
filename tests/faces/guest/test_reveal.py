"""The reveal: once after a selfie, what was found of this guest and of nobody else."""

import pytest
from django.urls import reverse

from tests.builders import agreeing, make_enrollment, make_face, make_match, make_photo
from tests.faces.guest.test_selfie import send_selfie
from tests.fakes import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def taken(event, guest, as_user):
    """The client of a guest who has just given a selfie, and is enrolled."""
    client = as_user(guest)
    send_selfie(client, event, picture([1]), **agreeing(event))
    make_enrollment(guest.selfies.get(), event)
    return client


def found(user, event, similarity, side, **photo):
    shown = make_photo(event, **photo)
    face = make_face(shown, width=side, height=side)
    return make_match(user, shown, face=face, similarity=similarity).photo


def mine(client, event, **headers):
    return client.get(reverse("my_photos", args=[event.slug]), headers=headers)


def test_the_largest_of_the_surest_faces_is_revealed_once(event, guest, other_guest, taken):
    assert "reveal" not in mine(taken, event).context  # nothing is found yet
    found(guest, event, 86, 0.9)
    found(guest, event, 99, 0.1)
    best = found(guest, event, 95, 0.4)
    found(guest, event, 99, 0.8, hidden=True)
    found(other_guest, event, 100, 0.8)
    page = mine(taken, event)
    assert page.context["reveal"].photo == best
    assert "We found you in 3 photos" in page.content.decode()
    again = mine(taken, event, if_none_match=page["ETag"])
    assert (again.status_code, "reveal" in again.context) == (200, False)
    assert mine(taken, event, if_none_match=again["ETag"]).status_code == 304


def test_no_question_is_asked_beside_it(event, guest, taken):
    found(guest, event, 95, 0.4)
    found(guest, event, 80, 0.4)
    guest.face_matches.filter(similarity=80).update(band="asked")
    revealed, after = mine(taken, event), mine(taken, event)
    assert revealed.context["card"].question is None
    assert (revealed.context["card"].count, after.context["card"].count) == (1, 1)
    assert after.context["card"].question is not None


def test_who_was_found_before_is_told_nothing_new(event, guest, as_user, taken):
    found(guest, event, 95, 0.4)
    assert "reveal" in mine(taken, event).context
    send_selfie(taken, event, picture([1], seed=7))  # one more
    assert "reveal" not in mine(taken, event).context
    assert "reveal" not in mine(as_user(guest), event).context  # elsewhere


def test_a_script_hears_why_and_what_is_next_and_a_page_shows_the_picture_again(
    event, guest, as_user
):
    client, script = as_user(guest), as_user(guest)
    script.defaults["HTTP_ACCEPT"] = "application/json"
    bad = send_selfie(script, event, picture([]), **agreeing(event))
    assert (bad.status_code, bad.json()["code"], bad.json()["again"]) == (422, "no_face", False)
    changed = send_selfie(script, event, picture([1]), consent="on", words="old").json()
    assert changed["again"]
    assert agreeing(event)["words"] in changed["confirm"]
    page = send_selfie(client, event, picture([1]), consent="on", words="old")
    sent = {"picture": page.context["kept"], **agreeing(event)}
    good = script.post(reverse("selfie", args=[event.slug]), sent)
    assert good.json() == {"next": reverse("my_photos", args=[event.slug])}
