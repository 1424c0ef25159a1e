"""My Photos while it fills, and why it may stay empty."""

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from faces.errors import IndexUnavailable
from faces.finding import enrolling, scanning
from faces.finding.progress import GuestProgress, ScanProgress
from faces.guest import why_not
from faces.index.local import LocalIndex
from faces.models import PhotoScan, Selfie
from photos.intake.ingest import ingest
from photos.models import Photo
from tests.builders import consent, make_face, make_match, make_photo, make_scan, make_selfie
from tests.fakes import picture, template

pytestmark = pytest.mark.django_db


@pytest.fixture
def selfie(event, guest):
    consent(guest, event)
    selfie = make_selfie(guest)
    enrolling.enroll_event(event.pk)
    return selfie


def get(client, event, name, **query):
    return client.get(reverse(name, args=[event.slug]), query)


def near(similarity):
    """A template that is as similar to person 1's as asked for."""
    from faces.vision.similarity import cosine_of

    own, other = template(1), template(2)
    other = other - own * (own @ other)
    other /= (other @ other) ** 0.5
    cosine = cosine_of(similarity)
    return cosine * own + (1 - cosine**2) ** 0.5 * other


def test_news_say_how_far_the_machine_is_and_how_many_came(event, guest, as_user, selfie):
    photos = [make_photo(event) for _ in range(4)]
    for photo, state in zip(photos, ["done", "done", "queued", "running"], strict=True):
        claim = {"attempt_id": "0" * 32, "claimed_at": photo.taken_at} if state == "running" else {}
        make_scan(photo, state=state, **claim)
    make_match(guest, photos[0])
    make_match(guest, photos[1])
    news = get(as_user(guest), event, "my_news", shown=0).content.decode()
    assert "2 of 4 photos looked at" in news
    assert "2 new photos" in news
    assert "<html" not in news


@pytest.mark.parametrize(
    ("guest_progress", "said", "bar"),
    [
        (GuestProgress(True, False, False), "Reading your selfie", "<progress max"),
        (GuestProgress(True, True, True, True), "1,200 of 1,234 photos looked at", 'value="97"'),
        (GuestProgress(True, True, False, True), "Comparing the newest photos", 'value="97"'),
    ],
    ids=["not enrolled", "scanning", "not searched yet"],
)
def test_the_bar_is_full_only_when_that_is_true(guest_progress, said, bar):
    how_far = {
        "guest_progress": guest_progress,
        "progress": ScanProgress(total=1234, looked_at=1200, failed=0),
    }
    shown = " ".join(render_to_string("faces/guest/_progress.html", how_far).split())
    assert said in shown
    assert bar in shown
    assert ("value" in shown) == guest_progress.is_enrolled


def test_news_of_what_is_shown_already_are_none(event, guest, as_user, selfie):
    make_match(guest, make_photo(event))
    make_match(guest, make_photo(event, hidden=True))
    answer = get(as_user(guest), event, "my_news", shown=1)
    assert "new photo" not in answer.content.decode()


def test_outsiders_and_visitors_get_neither_news_nor_reasons(event, as_user, stranger, client):
    for name in ("my_news", "why_not"):
        assert get(as_user(stranger), event, name).status_code == 404
        assert get(client, event, name).status_code == 302


def test_why_not_needs_a_selfie(event, guest, as_user):
    answer = get(as_user(guest), event, "why_not")
    assert answer["Location"] == reverse("my_photos", args=[event.slug])


def test_why_not_says_what_was_looked_at_and_what_failed(event, guest, as_user, selfie):
    make_scan(make_photo(event), state="done", face_count=5)
    make_scan(make_photo(event), state="failed", failure_code="truncated")
    make_scan(make_photo(event))
    seen = get(as_user(guest), event, "why_not").context["progress"]
    assert (seen.seen, seen.failed, seen.waiting, seen.faces) == (1, 1, 1, 5)


def test_why_not_shows_photos_just_below_the_threshold_and_no_others(event, guest, as_user, selfie):
    likenesses = {"stranger": 30, "near": 60, "nearest": 80}
    photos = {name: make_photo(event, name=name) for name in likenesses}
    for name, similarity in likenesses.items():
        make_face(photos[name], template=near(similarity))
    shown = get(as_user(guest), event, "why_not").context["near"]
    assert [miss.photo for miss in shown] == [photos["nearest"], photos["near"]]
    assert abs(shown[0].similarity - 80) <= 1


@pytest.mark.parametrize("gone", ["hidden", "matched", "denied"])
def test_a_photo_that_is_hidden_or_decided_is_no_near_miss(event, guest, selfie, gone):
    photo = make_photo(event, hidden=gone == "hidden")
    make_face(photo, template=near(80))
    if gone != "hidden":
        make_match(guest, photo, verdict="not_me" if gone == "denied" else "")
    assert why_not.near_misses(guest, event) == []


def test_near_misses_are_the_guests_own(event, guest, other_guest, selfie):
    make_face(make_photo(event), template=near(80))
    consent(other_guest, event)
    make_selfie(other_guest, person=3)
    enrolling.enroll_event(event.pk)
    assert why_not.near_misses(other_guest, event) == []
    assert len(why_not.near_misses(guest, event)) == 1


def test_without_the_index_the_page_says_so_and_shows_the_rest(
    event, guest, as_user, selfie, monkeypatch
):
    def unavailable(*args, **kwargs):
        raise IndexUnavailable

    monkeypatch.setattr(LocalIndex, "search", unavailable)
    page = get(as_user(guest), event, "why_not")
    assert page.context["near"] is None
    assert "not available at the moment" in page.content.decode()


def test_why_not_frames_the_face_of_each_selfie(event, guest, as_user, selfie):
    page = get(as_user(guest), event, "why_not").content.decode()
    assert reverse("own_selfie", args=[selfie.pk]) in page
    assert '<rect x="10" y="200" width="100" height="100"' in page


def test_a_selfie_that_shows_nobody_is_explained(event, guest, selfie):
    Selfie.objects.update(image_data=picture([]))
    assert why_not.check_again(selfie).refusal == "no_face"
    Selfie.objects.update(image_data=b"no picture")
    assert why_not.check_again(selfie).refusal


def test_a_photo_of_the_guest_arrives_in_an_open_page(event, guest, as_user, selfie):
    client = as_user(guest)
    shown = get(client, event, "my_photos").context["photo_count"]
    ingest(event=event, data=picture([1]), name="a.jpg", uploader=None)
    scanning.run(PhotoScan.objects.get().pk)
    assert get(client, event, "my_news", shown=shown).context["news"] == 1
    Photo.objects.update(hidden=True)
    assert get(client, event, "my_news", shown=shown).context["news"] == 0
