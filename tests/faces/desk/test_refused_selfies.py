"""How many selfies were refused, and why: each picture counts once, and nobody is named."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from faces.desk import refused_selfies
from faces.errors import UnusableSelfie
from faces.finding import enrolling
from faces.index.local import LocalIndex
from faces.models import SelfieRefusal
from findme.refusals import words_of
from tests.builders import agreeing, consent, make_enrollment, make_event, make_selfie
from tests.fakes import picture

pytestmark = pytest.mark.django_db


def send(client, event, name, people, **fields):
    image = SimpleUploadedFile("me.jpg", picture(people), "image/jpeg")
    return client.post(reverse(name, args=[event.slug]), {"image": image, **fields})


def counts(event):
    return dict(SelfieRefusal.objects.in_event(event).values_list("code", "count"))


def test_what_the_check_refuses_is_counted(event, guest, as_user):
    client = as_user(guest)
    for _ in range(2):
        send(client, event, "check_selfie", [])
    send(client, event, "check_selfie", [1])
    assert counts(event) == {"no_face": 2}


def test_what_is_sent_unchecked_is_counted(event, guest, as_user):
    send(as_user(guest), event, "selfie", [], **agreeing(event))
    assert counts(event) == {"no_face": 1}


def test_a_picture_that_was_checked_and_is_sent_counts_once(event, guest, as_user):
    client = as_user(guest)
    code = send(client, event, "check_selfie", []).json()["code"]
    send(client, event, "selfie", [], **agreeing(event), checked=code)
    assert counts(event) == {"no_face": 1}


def test_a_question_is_no_refusal(event, guest, as_user, caplog):
    caplog.set_level("INFO")
    client = as_user(guest)
    send(client, event, "check_selfie", [1, 2])
    send(client, event, "selfie", [1, 2], **agreeing(event))
    assert counts(event) == {}
    assert "refused" not in caplog.text


def test_what_the_index_refuses_is_counted_too(event, guest, monkeypatch):
    def refuse(self, *args):
        raise UnusableSelfie("too_dark")

    monkeypatch.setattr(LocalIndex, "enroll", refuse)
    consent(guest, event)
    make_selfie(guest)
    enrolling.enroll_event(event.pk)
    assert counts(event) == {"too_dark": 1}


def test_the_organizer_reads_how_many_why_and_what_would_help(event, guest, organizer, as_user):
    make_enrollment(make_selfie(guest), event)
    for code, count in {"too_dark": 2, "sunglasses": 1}.items():
        SelfieRefusal.objects.create(event=event, code=code, count=count)
    SelfieRefusal.objects.create(event=make_event(), code="blurred", count=50)
    address = reverse("admin:events_event_figures", args=[event.pk])
    page = " ".join(as_user(organizer).get(address).content.decode().split())
    assert "Refused: 3 (75 %). Accepted: 1." in page
    assert page.index(words_of("too_dark")) < page.index(words_of("sunglasses"))
    assert "A lamp beside the QR code would help." in page
    assert words_of("blurred") not in page


def test_the_organizer_reads_it_in_french(event, organizer, as_user):
    SelfieRefusal.objects.create(event=event, code="sunglasses", count=3)
    address = reverse("admin:events_event_figures", args=[event.pk])
    page = as_user(organizer).get(address, headers={"Accept-Language": "fr"}).content.decode()
    assert "Refusés\u00a0: 3 (100\u00a0%)" in page
    assert "retirer les lunettes de soleil" in page


def test_where_none_was_refused_nothing_is_advised(event):
    figures = refused_selfies.of_event(event)
    assert (figures.refused, figures.percent, figures.remedy) == (0, 0, "")


def test_remedies_are_of_codes_that_there_are():
    assert all(words_of(code) != words_of("unknown") for code in refused_selfies.REMEDIES)
