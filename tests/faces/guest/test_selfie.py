"""The guest's own pages: own selfies, own matches, nobody else's."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from faces.finding import enrolling, scanning
from faces.models import Consent, FaceMatch, NoticeRequest, PhotoScan, Selfie
from faces.privacy import consenting
from findme.refusals import words_of
from photos.intake.ingest import ingest
from photos.models import Photo
from tests.builders import (
    add_member,
    agreeing,
    consent,
    make_event,
    make_match,
    make_photo,
    make_selfie,
    photos_shown,
)
from tests.faces.index.third import ThirdIndex
from tests.fakes import picture

pytestmark = pytest.mark.django_db


def send_selfie(client, event, data, **fields):
    file = SimpleUploadedFile("me.jpg", data, "image/jpeg")
    return client.post(reverse("selfie", args=[event.slug]), {"image": file, **fields})


def test_outsiders_get_404_everywhere(event, guest, as_user, stranger, rival_organizer):
    selfie, photo = make_selfie(guest), make_photo(event)
    make_match(guest, photo)
    gets = [
        reverse("my_photos", args=[event.slug]),
        reverse("my_photo", args=[event.slug, photo.pk]),
        reverse("selfie", args=[event.slug]),
        reverse("own_selfie", args=[selfie.pk]),
    ]
    posts = [
        reverse("selfie", args=[event.slug]),
        reverse("keep_selfie", args=[event.slug]),
        reverse("reuse_selfies", args=[event.slug]),
        reverse("remove_selfie", args=[selfie.pk]),
    ]
    for user in (stranger, rival_organizer):
        client = as_user(user)
        assert [client.get(address).status_code for address in gets] == [404] * 4
        assert [client.post(address).status_code for address in posts] == [404] * 4


def test_another_guests_selfie_and_matches_are_nobodys_business(
    event, guest, other_guest, organizer, as_user
):
    selfie, photo = make_selfie(guest), make_photo(event)
    make_match(guest, photo)
    for user in (other_guest, organizer):
        client = as_user(user)
        for address in (
            reverse("own_selfie", args=[selfie.pk]),
            reverse("my_photo", args=[event.slug, photo.pk]),
        ):
            assert client.get(address).status_code == 404
        client.post(reverse("remove_selfie", args=[selfie.pk]))
        mine = client.get(reverse("my_photos", args=[event.slug]))
        assert mine.context["page"].photos == []
    assert Selfie.objects.filter(pk=selfie.pk).exists()


def test_from_selfie_to_my_photos(event, guest, as_user):
    for seed, people in enumerate([[1], [1, 2], [2]]):
        ingest(event=event, data=picture(people, seed=seed), name="a.jpg", uploader=None)
    for scan in PhotoScan.objects.all():
        scanning.run(scan.pk)
    client = as_user(guest)
    sent = send_selfie(client, event, picture([1], seed=50), **agreeing(event))
    assert sent.status_code == 302
    enrolling.enroll_event(event.pk)
    page = client.get(reverse("my_photos", args=[event.slug]))
    own = Photo.objects.filter(matches__user=guest)
    assert set(photos_shown(page.context["page"])) == set(own)
    assert len(own) == 2
    assert not page.context["guest_progress"].is_waiting


def test_without_consent_nothing_is_kept(event, guest, as_user):
    answer = send_selfie(as_user(guest), event, picture([1]))
    assert answer.status_code == 422
    assert not Selfie.objects.exists()


def test_a_refused_selfie_says_why_and_records_no_consent(event, guest, as_user):
    answer = send_selfie(as_user(guest), event, picture([]), **agreeing(event))
    assert answer.status_code == 422
    assert words_of("no_face") in answer.content.decode()
    assert not Consent.objects.exists()


def test_an_empty_file_is_refused_with_words(event, guest, as_user):
    answer = send_selfie(as_user(guest), event, b"", **agreeing(event))
    assert answer.status_code == 422
    assert answer.context["error"] == words_of("empty")


def test_the_page_polls_until_all_is_looked_at_and_then_rests(event, guest, as_user):
    address = reverse("my_photos", args=[event.slug])
    client = as_user(guest)
    assert (
        not client.get(address).context["guest_progress"].is_waiting
    )  # no selfie: nothing to wait for
    consent(guest, event)
    make_selfie(guest)
    assert client.get(address).context["guest_progress"].is_waiting
    enrolling.enroll_event(event.pk)
    assert not client.get(address).context["guest_progress"].is_waiting
    ingest(event=event, data=picture([2]), name="a.jpg", uploader=None)
    context = client.get(address).context
    assert (context["guest_progress"].is_waiting, context["progress"].percent) == (True, 0)


def test_my_photos_costs_the_same_number_of_queries_for_one_photo_and_for_thirty(
    event, guest, as_user
):
    client, address = as_user(guest), reverse("my_photos", args=[event.slug])
    counts = []
    for photos in (1, 29):
        for _ in range(photos):
            make_match(guest, make_photo(event))
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        counts.append(len(captured))
        assert not any('"thumbnail_data"' in query["sql"] for query in captured)
    assert counts[0] == counts[1] <= 10


@pytest.mark.rekognition
def test_who_is_asked_to_agree_is_told_that_amazon_is_asked(event, guest, as_user, rekognition):
    page = as_user(guest).get(reverse("selfie", args=[event.slug])).content.decode()
    assert "Amazon Rekognition, for us" in page


@pytest.mark.rekognition
@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "Amazon Rekognition, for us: your selfie and the photos are sent to it, and it keeps "
            "the pattern until you withdraw.",
        ),
        (
            "fr",
            "Amazon Rekognition, pour nous : votre selfie et les photos lui sont envoyés, et il "
            "garde l’empreinte jusqu’à votre retrait.",
        ),
    ],
)
def test_guests_agree_to_the_same_words_as_ever(event, guest, as_user, rekognition, language, text):
    client = as_user(guest)
    page = client.get(reverse("selfie", args=[event.slug]), headers={"Accept-Language": language})
    assert text in " ".join(page.content.decode().split())


def test_another_service_is_named_by_its_own_name(
    event, guest, as_user, third_index, settings, monkeypatch
):
    settings.FACE_INDEX = "third"
    monkeypatch.setattr(ThirdIndex, "service", "Third Faces")
    page = as_user(guest).get(reverse("selfie", args=[event.slug])).content.decode()
    assert "Third Faces, for us" in page
    assert "Amazon" not in page


def test_where_recognition_is_local_nobody_else_is_named(event, guest, as_user):
    page = as_user(guest).get(reverse("selfie", args=[event.slug])).content.decode()
    assert "Everything about it" in page
    assert "Amazon" not in page


def test_selfies_of_another_event_can_be_used_here_with_consent(event, guest, as_user):
    elsewhere = make_event()
    add_member(elsewhere, guest)
    consent(guest, event)
    make_selfie(guest)
    client, address = as_user(guest), reverse("reuse_selfies", args=[elsewhere.slug])
    assert client.post(address).status_code == 422
    assert not Consent.objects.filter(event=elsewhere).exists()
    assert client.post(address, agreeing(elsewhere)).status_code == 302
    assert enrolling.enroll_event(elsewhere.pk) == 1


def test_withdrawing_removes_selfies_and_matches(event, guest, as_user):
    consent(guest, event)
    make_selfie(guest)
    make_match(guest, make_photo(event))
    as_user(guest).post(reverse("privacy_withdraw"), {"event": event.pk})
    assert not Selfie.objects.exists()
    assert not FaceMatch.objects.exists()


def test_a_hidden_photo_leaves_my_photos_at_once(event, guest, as_user):
    photo = make_photo(event)
    make_match(guest, photo)
    client, address = as_user(guest), reverse("my_photos", args=[event.slug])
    assert photos_shown(client.get(address).context["page"]) == [photo]
    Photo.objects.update(hidden=True)
    assert photos_shown(client.get(address).context["page"]) == []


def test_a_selfie_is_never_kept_by_caches(event, guest, as_user):
    selfie = make_selfie(guest)
    answer = as_user(guest).get(reverse("own_selfie", args=[selfie.pk]))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


class TestCheck:
    """The look at a selfie before anybody has agreed to anything."""

    def send(self, client, event, data=None):
        fields = {"image": SimpleUploadedFile("me.jpg", data, "image/jpeg")} if data else {}
        return client.post(reverse("check_selfie", args=[event.slug]), fields)

    def test_a_good_one_is_said_to_be_good_and_not_kept(self, event, guest, as_user):
        answer = self.send(as_user(guest), event, picture([1]))
        assert answer.json()["code"] == ""
        assert not Selfie.objects.exists()

    def test_no_template_is_computed(self, event, guest, as_user, monkeypatch):
        monkeypatch.delattr("tests.fakes.FakeEngine.describe")
        assert self.send(as_user(guest), event, picture([1])).json()["code"] == ""

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (picture([]), "no_face"),
            (picture([1, 2], side=40), "face_too_small"),
            (picture([1], side=40), "face_too_small"),
            (b"<html>", "not_an_image"),
            (None, "empty"),
        ],
        ids=["nobody", "two small ones", "small", "no picture", "nothing"],
    )
    def test_advice_comes_with_a_code(self, event, guest, as_user, data, code):
        answer = self.send(as_user(guest), event, data).json()
        assert answer == {"code": code, "reason": words_of(code)}

    def test_several_faces_come_with_their_places(self, event, guest, as_user):
        answer = self.send(as_user(guest), event, picture([3, 1, 2])).json()
        assert (answer["code"], answer["width"], answer["height"]) == ("several_faces", 640, 480)
        faces = answer["faces"]
        assert [face["label"] for face in faces] == [
            f"Face {number} of 3, from the left" for number in (1, 2, 3)
        ]
        assert [face["likely"] for face in faces] == [False, False, True]  # nearest to the middle
        lefts = [face["box"][0] * 640 for face in faces]
        assert lefts == pytest.approx([10, 160, 310], abs=3)
        assert not Selfie.objects.exists()

    def test_one_that_could_be_better_is_good_and_says_so(self, event, guest, as_user, monkeypatch):
        monkeypatch.setattr("faces.vision.coverings.wears_mask", lambda crop: True)
        answer = self.send(as_user(guest), event, picture([1])).json()
        assert answer == {"code": "", "advice": f"This one will do. {words_of('masked')}"}

    def test_outsiders_get_404(self, event, stranger, as_user):
        assert self.send(as_user(stranger), event, picture([1])).status_code == 404


def test_a_selfie_is_never_kept_without_its_consent(event, guest, as_user, monkeypatch):
    def die(**kwargs):
        raise RuntimeError("killed here")

    monkeypatch.setattr(consenting, "give", die)
    with pytest.raises(RuntimeError):
        send_selfie(as_user(guest), event, picture([1]), **agreeing(event))
    assert not Selfie.objects.exists()


def test_notices_are_asked_for_with_the_selfie_only_where_ticked(
    event, guest, other_guest, as_user
):
    send_selfie(as_user(guest), event, picture([1]), **agreeing(event), notices="on")
    send_selfie(as_user(other_guest), event, picture([2]), **agreeing(event))
    assert NoticeRequest.objects.get().user == guest
