"""Corrections: used at once, kept for ever, and no window on the others in a photo."""

import re

import pytest
from django.urls import reverse

from events.models import Event
from faces.finding import enrolling, matching, renewing, scanning, verdicts
from faces.models import Face, FaceMatch, PhotoScan
from faces.privacy import withdrawal
from photos.intake.ingest import ingest
from tests.builders import consent, make_face, make_match, make_photo, make_selfie, photos_shown
from tests.fakes import picture

pytestmark = pytest.mark.django_db


def scan_all():
    for pk in PhotoScan.objects.filter(state="queued").values_list("pk", flat=True):
        scanning.run(pk)


@pytest.fixture
def photo(event, guest):
    """Person 1, the guest, at the left; person 2 at the right."""
    consent(guest, event)
    make_selfie(guest, person=1)
    enrolling.enroll_event(event.pk)
    photo = ingest(event=event, data=picture([1, 2]), name="a.jpg", uploader=None).photo
    scan_all()
    photo.refresh_from_db()
    return photo


def faces_of(photo):
    return list(verdicts.faces_in(photo))


def say(client, photo, verdict, **data):
    url = reverse("say_verdict", args=[photo.event.slug, photo.pk])
    return client.post(url, {"verdict": verdict} | data)


def mine(client, event):
    return photos_shown(client.get(reverse("my_photos", args=[event.slug])).context["page"])


def test_outsiders_get_404(event, photo, as_user, stranger, rival_organizer):
    for user in (stranger, rival_organizer):
        assert say(as_user(user), photo, "me").status_code == 404
        url = reverse("photo_faces", args=[event.slug, photo.pk])
        assert as_user(user).get(url).status_code == 404
    assert FaceMatch.objects.count() == 1


def test_not_me_is_gone_at_once_and_can_be_taken_back(event, photo, as_user, guest):
    client = as_user(guest)
    assert mine(client, event) == [photo]
    assert say(client, photo, "not_me").status_code == 302
    assert mine(client, event) == []
    say(client, photo, "")
    assert mine(client, event) == [photo]


def test_not_me_stays_through_scans_matching_and_new_selfies(event, photo, as_user, guest):
    say(as_user(guest), photo, "not_me")
    scanning.scan_again(event)
    scan_all()
    renewing.match_everybody(event)
    make_selfie(guest, person=1)
    enrolling.enroll_event(event.pk)
    assert mine(as_user(guest), event) == []


def test_this_is_me_stays_and_so_does_the_face_it_was_said_of(event, photo, as_user, guest):
    """Also against the machine, which takes another face for the guest's."""
    claimed = faces_of(photo)[1]
    say(as_user(guest), photo, "me", face=claimed.pk)
    scanning.scan_again(event)
    scan_all()
    renewing.match_everybody(event)
    match = FaceMatch.objects.get(user=guest)
    assert (match.verdict, match.face.left) == ("me", pytest.approx(claimed.left))
    assert match.face_id != claimed.pk  # the scan made new rows


def test_a_photo_the_machine_missed_comes_to_my_photos(event, as_user, guest, photo):
    missed = make_photo(event)
    face = make_face(missed)
    say(as_user(guest), missed, "me", face=face.pk)
    assert set(mine(as_user(guest), event)) == {photo, missed}
    matching.match_guest(event, guest.pk)
    assert set(mine(as_user(guest), event)) == {photo, missed}
    say(as_user(guest), missed, "")
    assert mine(as_user(guest), event) == [photo]


def test_a_guest_whose_face_was_not_found_can_say_so(event, as_user, guest, photo):
    turned_away = make_photo(event)
    say(as_user(guest), turned_away, "me")
    assert turned_away in mine(as_user(guest), event)


def test_a_claim_finds_no_other_photo_of_that_face(event, as_user, guest, other_guest, photo):
    """Or else anybody could look for anybody."""
    ingest(event=event, data=picture([2], seed=5), name="b.jpg", uploader=None)
    scan_all()
    say(as_user(guest), photo, "me", face=faces_of(photo)[1].pk)
    renewing.match_everybody(event)
    assert mine(as_user(guest), event) == [photo]


def test_the_page_is_the_same_whoever_else_is_known(event, photo, as_user, guest, other_guest):
    url = reverse("photo_faces", args=[event.slug, photo.pk])
    theirs = faces_of(photo)[1]
    client = as_user(guest)

    def seen():
        page = client.get(url, {"face": theirs.pk}).content.decode()
        return re.sub(r'value="\w{64}"', "", page)  # the CSRF token

    before = seen()
    make_match(other_guest, photo, face=theirs, verdict="me")
    assert seen() == before
    assert "Otto" not in before
    assert say(client, photo, "me", face=theirs.pk).status_code == 302
    assert FaceMatch.objects.filter(user=other_guest, face=theirs).exists()


def test_a_face_of_another_photo_is_not_taken(event, photo, as_user, guest):
    elsewhere = make_face(make_photo(event))
    say(as_user(guest), photo, "me", face=elsewhere.pk)
    assert FaceMatch.objects.get(user=guest).face.photo_id == photo.pk


def test_without_consent_nothing_is_noted(event, as_user, other_guest):
    photo = make_photo(event)
    make_face(photo)
    answer = say(as_user(other_guest), photo, "me")
    assert answer["Location"] == reverse("selfie", args=[event.slug])
    assert not FaceMatch.objects.exists()
    page = as_user(other_guest).get(reverse("photo_faces", args=[event.slug, photo.pk]))
    assert "face-box" not in page.content.decode()


def test_a_withdrawal_takes_what_was_said_along(event, photo, as_user, guest):
    say(as_user(guest), photo, "not_me")
    withdrawal.withdraw(user=guest, event=event)
    assert not FaceMatch.objects.exists()
    assert not verdicts.say(user=guest, photo=photo, verdict="me")
    assert not FaceMatch.objects.exists()


def test_where_only_guests_are_looked_for_a_denied_face_is_a_strangers(event, photo, guest):
    Event.objects.update(indexing=Event.Indexing.GUESTS_ONLY)
    photo.event.refresh_from_db()
    verdicts.say(user=guest, photo=photo, verdict="not_me")
    assert not Face.objects.filter(template__isnull=False).exists()


@pytest.mark.parametrize(
    "data", [{"verdict": "maybe"}, {"face": "x"}, {"face": "0"}, {"face": "9" * 30}]
)
def test_rubbish_is_answered_with_a_sentence(event, photo, as_user, guest, data):
    url = reverse("say_verdict", args=[event.slug, photo.pk])
    answer = as_user(guest).post(url, {"verdict": "me"} | data, follow=True)
    assert "Please tap your face once more." in answer.content.decode()


def test_faces_are_drawn_in_the_photos_pixels_and_large_enough_to_tap(event, photo, as_user, guest):
    Face.objects.update(left=0.99, width=0.01, top=0.5, height=0.01)
    page = as_user(guest).get(reverse("photo", args=[event.slug, photo.pk]), {"face": "rubbish"})
    box = page.context["faces"]["boxes"][0]
    assert (box.width, box.left + box.width) == (38, 640)
