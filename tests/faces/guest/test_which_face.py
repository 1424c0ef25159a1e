"""A selfie of several people: the guest says which face it is, and that one is looked for."""

import base64
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from faces.finding import enrolling, scanning
from faces.models import Consent, FaceMatch, NoticeRequest, PhotoScan, Selfie, SelfieRefusal
from findme.refusals import words_of
from photos.intake.ingest import ingest
from tests.builders import agreeing
from tests.fakes import picture

pytestmark = pytest.mark.django_db


def send(client, event, people=None, **fields):
    if people is not None:
        fields["image"] = SimpleUploadedFile("me.jpg", picture(people, seed=50), "image/jpeg")
    if "consent" in fields:
        fields |= agreeing(event)
    return client.post(reverse("selfie", args=[event.slug]), fields)


def fields_of(page):
    """What the page's form sends when its button is pressed, the chosen radio button too."""
    inputs = re.findall(r"<input[^>]*>", page.content.decode().replace("\n", " "))
    chosen = [one for one in inputs if "hidden" in one or "checked" in one]
    values = {re.search(r'name="([^"]+)"', one)[1]: one for one in chosen}
    return {name: re.search(r'value="([^"]*)"', one)[1] for name, one in values.items()}


def choices_of(page):
    return [face.box.written for face in page.context["faces"]]


def test_the_page_asks_and_nothing_is_kept_meanwhile(event, guest, as_user):
    page = send(as_user(guest), event, [1, 2], consent="on", notices="on")
    assert page.status_code == 200
    assert "Which face is yours?" in page.content.decode()
    assert not Selfie.objects.exists()
    assert not Consent.objects.exists()
    assert not SelfieRefusal.objects.exists()
    assert "no-store" in page["Cache-Control"]


def test_the_answer_brings_the_picture_the_consent_and_the_wish_for_notices_back(
    event, guest, as_user
):
    client = as_user(guest)
    page = send(client, event, [1, 2], consent="on", notices="on")
    answer = client.post(reverse("selfie", args=[event.slug]), fields_of(page))
    assert answer.url == reverse("my_photos", args=[event.slug])
    assert Consent.objects.in_force().get().user == guest
    assert NoticeRequest.objects.exists()
    assert Selfie.objects.get().face_box is not None


def test_without_consent_the_answer_asks_for_it(event, guest, as_user):
    client = as_user(guest)
    fields = fields_of(send(client, event, [1, 2], consent="on")) | {"consent": ""}
    assert client.post(reverse("selfie", args=[event.slug]), fields).status_code == 422
    assert not Selfie.objects.exists()


@pytest.mark.parametrize(("place", "person"), [(0, 3), (1, 1), (2, 2)])
def test_the_face_that_was_chosen_is_found_and_no_other(event, guest, as_user, place, person):
    alone = {}
    for seed, one in enumerate((1, 2, 3)):
        data = picture([one], seed=seed)
        alone[one] = ingest(event=event, data=data, name="a.jpg", uploader=None).photo
    for scan in PhotoScan.objects.all():
        scanning.run(scan.pk)
    client = as_user(guest)
    faces = choices_of(send(client, event, [3, 1, 2], consent="on"))
    assert send(client, event, [3, 1, 2], consent="on", face=faces[place]).status_code == 302
    enrolling.enroll_event(event.pk)
    assert [match.photo for match in FaceMatch.objects.all()] == [alone[person]]


@pytest.mark.parametrize("face", ["0 0 1 1", "0.9 0.9 0.05 0.05", "me", "1 2 3", "nan nan nan nan"])
def test_a_place_without_a_face_is_refused(event, guest, as_user, face):
    answer = send(as_user(guest), event, [1, 2], consent="on", face=face)
    assert answer.context["error"] == words_of("no_such_face")
    assert not Selfie.objects.exists()


def test_a_place_may_be_named_where_there_is_but_one_face(event, guest, as_user):
    client = as_user(guest)
    face = choices_of(send(client, event, [1, 2], consent="on"))[0]
    assert send(client, event, [1], consent="on", face=face).status_code == 302


@pytest.mark.parametrize("text", ["%%%", "", base64.b64encode(b"<html>").decode()])
def test_a_picture_that_came_back_as_none_is_refused(event, guest, as_user, text):
    answer = send(as_user(guest), event, consent="on", picture=text)
    assert answer.status_code == 422
    assert not Selfie.objects.exists()


def test_each_choice_shows_its_face(event, guest, as_user):
    page = send(as_user(guest), event, [3, 1, 2], consent="on")
    for face in page.context["faces"]:
        data = base64.b64decode(face.picture.removeprefix("data:image/jpeg;base64,"))
        assert data.startswith(b"\xff\xd8")
        assert len(data) < 20_000


def test_the_page_speaks_french(event, guest, as_user):
    client = as_user(guest)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr"
    with translation.override("fr"):
        page = send(client, event, [1, 2], consent="on").content.decode()
    assert "Lequel de ces visages est le vôtre\u00a0?" in page
    assert "Visage 1 sur 2, en partant de la gauche" in page
