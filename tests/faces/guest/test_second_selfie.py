"""One more selfie is asked for where it would find more, in one line that can be sent away."""

import pytest
from django.urls import reverse

from faces.finding import enrolling
from faces.models import Selfie
from findme.refusals import words_of
from tests import fakes
from tests.builders import consent, make_match, make_photo, make_selfie

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(event, guest):
    """Their selfie is weak; they are in one photo."""
    consent(guest, event)
    make_match(guest, make_photo(event), verdict="me")
    return make_selfie(guest, advice="weak")


def my_photos(as_user, guest, event):
    answer = as_user(guest).get(reverse("my_photos", args=[event.slug]))
    return answer.content.decode()


def test_a_weak_selfie_has_another_asked_for(event, guest, as_user, found):
    assert words_of("weak") in my_photos(as_user, guest, event)


def test_no_line_without_a_reason(event, guest, as_user, found):
    Selfie.objects.update(advice="")
    assert "second-selfie" not in my_photos(as_user, guest, event)


def test_the_line_is_gone_when_there_are_two(event, guest, as_user, found):
    make_selfie(guest, advice="weak")
    assert "second-selfie" not in my_photos(as_user, guest, event)


def test_who_declines_is_not_asked_again_after_indexing_anew_either(event, guest, as_user, found):
    client = as_user(guest)
    answer = client.post(reverse("keep_selfie", args=[event.slug]))
    assert answer.url == reverse("my_photos", args=[event.slug])
    enrolling.enroll_event(event.pk)
    page = my_photos(as_user, guest, event)
    assert "1 photo of you" in page
    assert "second-selfie" not in page


def test_declining_says_nothing_for_others(event, guest, other_guest, as_user, found):
    as_user(other_guest).post(reverse("keep_selfie", args=[event.slug]))
    assert Selfie.objects.get().advice == "weak"


def test_the_page_known_to_a_browser_is_another_one_after_declining(event, guest, as_user, found):
    client, address = as_user(guest), reverse("my_photos", args=[event.slug])
    client.get(address)  # brings the cookie that forms rest on
    etag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    client.post(reverse("keep_selfie", args=[event.slug]))
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize(("norm", "advice"), [(8.9, "weak"), (9.1, "")])
def test_a_faint_answer_of_the_model_makes_a_selfie_weak(event, guest, monkeypatch, norm, advice):
    monkeypatch.setattr(fakes, "NORM", norm)
    consent(guest, event)
    selfie = make_selfie(guest)
    enrolling.enroll_event(event.pk)
    selfie.refresh_from_db()
    assert (selfie.state, selfie.advice) == ("accepted", advice)


def test_what_was_seen_in_the_picture_is_said_before_that(event, guest, monkeypatch):
    monkeypatch.setattr(fakes, "NORM", 5)
    monkeypatch.setattr("faces.vision.coverings.wears_mask", lambda crop: True)
    consent(guest, event)
    enrolling.add_selfie(user=guest, data=fakes.picture([1]))
    enrolling.enroll_event(event.pk)
    assert Selfie.objects.get().advice == "masked"
