"""My Photos while it fills."""

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from faces.finding import scanning
from faces.finding.progress import GuestProgress, ScanProgress
from faces.models import PhotoScan
from photos.intake.ingest import ingest
from photos.models import Photo
from tests.builders import make_match, make_photo, make_scan
from tests.fakes import picture

pytestmark = pytest.mark.django_db


def get(client, event, name, **query):
    return client.get(reverse(name, args=[event.slug]), query)


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


def test_a_photo_of_the_guest_arrives_in_an_open_page(event, guest, as_user, selfie):
    client = as_user(guest)
    shown = get(client, event, "my_photos").context["photo_count"]
    ingest(event=event, data=picture([1]), name="a.jpg", uploader=None)
    scanning.run(PhotoScan.objects.get().pk)
    assert get(client, event, "my_news", shown=shown).context["news"] == 1
    Photo.objects.update(hidden=True)
    assert get(client, event, "my_news", shown=shown).context["news"] == 0
