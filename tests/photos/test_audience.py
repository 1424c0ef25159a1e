"""What counts of who looks at an event; and that pages are made anew, or not, by it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from events.models import Event, Membership
from faces.models import FaceMatch
from photos.models import Photo
from tests.builders import consent, make_match, make_photo, make_question, photos_shown

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
OPEN, CLOSED = {"general": "open"}, {"general": "own"}


def later(hours=1):
    return {"general": "from", "general_from": timezone.now() + hours * HOUR}


def change(event, **fields):
    Event.objects.filter(pk=event.pk).update(**fields)


def general(client, event, **headers):
    return client.get(reverse("general", args=[event.slug]), **headers)


def ids(answer):
    return {photo.pk for photo in photos_shown(answer.context["page"])}


@pytest.fixture
def photos(event, guest):
    """One by one: of nobody, a highlight, the guest's, not published."""
    found = [make_photo(event), make_photo(event, highlight=True), make_photo(event)]
    make_match(guest, found[2])
    return [*found, make_photo(event, published=False)]


@pytest.fixture
def client(guest, as_user):
    return as_user(guest)


@pytest.mark.parametrize(
    ("mode", "shown"), [(lambda: OPEN, 3), (lambda: CLOSED, 1), (later, 1), (lambda: later(-1), 3)]
)
def test_general_has_what_the_mode_says(event, photos, client, mode, shown):
    change(event, **mode())
    assert len(ids(general(client, event))) == shown


@pytest.mark.parametrize("mode", [OPEN, CLOSED])
def test_a_host_sees_all_in_a_session_that_was_proven_since(event, photos, guest, as_user, mode):
    change(event, **mode)
    client = as_user(guest)
    membership = Membership.objects.filter(event=event, user=guest)
    membership.update(role="host", invited_at=timezone.now() + HOUR)
    assert len(ids(general(client, event))) < 4
    membership.update(invited_at=timezone.now() - HOUR)
    assert len(ids(general(client, event))) == 4


def test_my_photos_are_theirs_in_any_mode_but_not_before_they_are_published(
    event, photos, guest, client
):
    make_match(guest, photos[3])
    consent(guest, event)
    change(event, **CLOSED)
    assert ids(client.get(reverse("my_photos", args=[event.slug]))) == {photos[2].pk}


def test_who_is_no_longer_in_a_photo_sees_it_no_more_and_may_take_that_back(
    event, photos, guest, client
):
    consent(guest, event)
    change(event, **CLOSED)
    say = reverse("say_verdict", args=[event.slug, photos[2].pk])
    page = reverse("photo", args=[event.slug, photos[2].pk])
    assert client.get(page).status_code == 200
    mine = reverse("my_photos", args=[event.slug])
    assert client.post(say, {"verdict": "not_me"})["Location"] == mine
    assert client.get(page).status_code == 404
    client.post(say, {"verdict": "me"})
    assert client.get(page).status_code == 200


def test_nobody_claims_a_photo_that_they_may_not_see(event, photos, guest, client):
    consent(guest, event)
    change(event, **CLOSED)
    say = reverse("say_verdict", args=[event.slug, photos[0].pk])
    assert client.post(say, {"verdict": "me"}).status_code == 404
    assert not FaceMatch.objects.filter(photo=photos[0]).exists()


def test_a_question_shows_the_face_and_not_a_photo_that_is_not_theirs_yet(event, guest, client):
    consent(guest, event)
    question = make_question(guest, event)
    address = reverse("questions", args=[event.slug])
    thumbnail = reverse("thumbnail", args=[event.slug, question.photo_id])
    assert thumbnail in client.get(address).content.decode()
    change(event, **CLOSED)
    page = client.get(address).content.decode()
    assert reverse("question_face", args=[event.slug, question.face_id]) in page
    assert thumbnail not in page
    assert client.get(thumbnail).status_code == 404


def test_guests_see_their_own_uploads_before_they_are_published(event, guest, client, other_guest):
    own = make_photo(event, uploader=guest, published=False)
    theirs = make_photo(event, uploader=other_guest, published=False)
    seen = [
        client.get(reverse("thumbnail", args=[event.slug, photo.pk])).status_code
        for photo in (own, theirs)
    ]
    assert seen == [200, 404]
    assert ids(general(client, event)) == set()


def test_where_photos_wait_the_page_says_that_they_are_being_chosen(event, client):
    make_photo(event, published=False)
    assert "The photos are being chosen." in general(client, event).content.decode()


def test_where_general_is_not_open_the_page_says_from_when_on(event, client):
    event.general_from = timezone.now() + HOUR
    change(event, general="from", general_from=event.general_from)
    page = general(client, event).content.decode()
    assert f"{timezone.localtime(event.general_from, event.zone):%H:%M}" in page
    assert "Highlights" in page


# --- freshness ---


PAGES = ["general", "general_news", "my_photos", "my_news", "thumbnail", "live_slides"]


def address_of(name, event, photo):
    arguments = {"thumbnail": [photo.pk], "live_slides": [event.live_code]}
    return reverse(name, args=[event.slug, *arguments.get(name, [])])


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("mode", ["open", "own", "from"])
def test_a_page_that_did_not_change_is_one_statement(
    event, photos, guest, client, mode, name, django_assert_num_queries
):
    consent(guest, event)
    change(event, **(later() if mode == "from" else {"general": mode}))
    address = address_of(name, event, photos[2])
    client.get(reverse("general", args=[event.slug]))  # the cookie that forms go with
    known = {"if-none-match": client.get(address)["ETag"]}
    with django_assert_num_queries(1):
        assert client.get(address, headers=known).status_code == 304


CHANGES = {
    "the mode": lambda event, guest: change(event, **OPEN),
    "the moment": lambda event, guest: change(event, **later(-1)),
    "the role": lambda event, guest: Membership.objects.filter(user=guest).update(role="host"),
    "published": lambda event, guest: Photo.objects.update(published=True),
    "a highlight": lambda event, guest: Photo.objects.update(highlight=True),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_page_is_another_one_when_who_sees_what_changes(event, photos, guest, client, what):
    change(event, **CLOSED)
    general(client, event)  # the cookie that forms go with
    known = {"if-none-match": general(client, event)["ETag"]}
    assert general(client, event, headers=known).status_code == 304
    CHANGES[what](event, guest)
    assert general(client, event, headers=known).status_code == 200


def test_when_the_moment_passes_pages_and_the_slideshow_change_by_themselves(
    event, photos, client, monkeypatch
):
    change(event, **later())
    addresses = [address_of(name, event, photos[0]) for name in ("general", "live_slides")]
    general(client, event)
    known = [{"if-none-match": client.get(one)["ETag"]} for one in addresses]
    asked = list(zip(addresses, known, strict=True))
    assert [client.get(one, headers=etag).status_code for one, etag in asked] == [304, 304]
    now = timezone.now() + 2 * HOUR
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert [client.get(one, headers=etag).status_code for one, etag in asked] == [200, 200]


# --- looking as a guest ---


def test_an_organizer_looks_as_a_guest_until_they_stop(event, photos, organizer, as_user):
    client = as_user(organizer)
    assert len(ids(general(client, event))) == 4
    page = client.get(reverse("general", args=[event.slug]), {"as": "guest"}, follow=True)
    assert len(ids(page)) == 3
    assert "You look as a guest sees it." in page.content.decode()
    thumbnail = reverse("thumbnail", args=[event.slug, photos[3].pk])
    assert client.get(thumbnail).status_code == 404
    page = client.get(reverse("general", args=[event.slug]), {"as": "oneself"}, follow=True)
    assert len(ids(page)) == 4
    assert client.get(thumbnail).status_code == 200


def test_a_guest_has_nothing_else_to_look_as(event, photos, client):
    page = client.get(reverse("general", args=[event.slug]), {"as": "host"}, follow=True)
    assert len(ids(page)) == 3
    assert "as_guest" not in client.session


def test_home_counts_and_names_what_each_event_shows(event, photos, guest, as_user, organizer):
    make_match(guest, photos[3])
    change(event, **CLOSED)
    page = as_user(guest).get(reverse("home")).content.decode()
    assert "1 photo of you" in page
    assert "Highlights" in page
    assert "Highlights" not in as_user(organizer).get(reverse("home")).content.decode()
