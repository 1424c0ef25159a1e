"""What pages ask again and again is answered on a short way: by one statement, as on the whole way,
and to nobody to whom that would say no."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from events.models import Event, Membership, User
from faces.finding import progress
from findme.serving import shortcuts
from photos.models import Photo
from tests.builders import (
    add_member,
    consent,
    join_unproven,
    make_enrollment,
    make_event,
    make_match,
    make_photo,
    make_scan,
    make_selfie,
)

pytestmark = pytest.mark.django_db

GUESTS = ["general", "general_news", "my_photos", "my_news", "thumbnail"]
SESSIONS = ["proven", "unproven"]


@pytest.fixture
def photo(event):
    return make_photo(event)


@pytest.fixture
def addresses(event, photo):
    names = {name: reverse(name, args=[event.slug]) for name in GUESTS[:-1]}
    return {
        **names,
        "thumbnail": reverse("thumbnail", args=[event.slug, photo.pk]),
        "live_slides": reverse("live_slides", args=[event.slug, event.live_code]),
    }


@pytest.fixture(params=SESSIONS)
def client(request, event, guest, photo, as_user):
    """A browser of a guest who has found photos, with and without a proof."""
    if request.param == "proven":
        user, client = guest, as_user(guest)
    else:
        client = join_unproven(event)
        user = User.objects.get(email="nina@example.com")
    make_match(user, photo)
    consent(user, event)
    make_enrollment(make_selfie(user), event)
    client.get(reverse("general", args=[event.slug]))  # the cookie that forms go with
    client.user = user
    return client


def etag_of(client, address):
    return {"if-none-match": client.get(address)["ETag"]}


@pytest.fixture
def whole_way(monkeypatch):
    """`whole_way()`: from then on there are no short ones."""
    return lambda: monkeypatch.setattr(shortcuts, "_shortcuts", [])


@pytest.mark.parametrize("name", [*GUESTS, "live_slides"])
def test_what_did_not_change_is_one_statement(client, addresses, name, django_assert_num_queries):
    known = etag_of(client, addresses[name])
    with django_assert_num_queries(1):
        assert client.get(addresses[name], headers=known).status_code == 304


def test_while_a_guest_waits_photos_are_counted_too(
    client, event, addresses, django_assert_num_queries
):
    scan = make_scan(make_photo(event))
    known = etag_of(client, addresses["my_news"])
    with django_assert_num_queries(2):
        assert client.get(addresses["my_news"], headers=known).status_code == 304
    type(scan).objects.update(state="done")
    assert client.get(addresses["my_news"], headers=known).status_code == 200


def test_where_photos_are_many_they_are_counted_once_a_second(
    event, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(progress, "MANY_PHOTOS", 1)
    make_scan(make_photo(event))
    before = progress.of_event_lately(event)
    with django_assert_num_queries(0):
        assert progress.of_event_lately(event) == before


def test_a_thumbnail_is_one_statement(client, addresses, photo, django_assert_num_queries):
    with django_assert_num_queries(1):
        answer = client.get(addresses["thumbnail"])
    assert answer.content == bytes(photo.thumbnail_data)


@pytest.mark.parametrize("name", [*GUESTS, "live_slides", "a new thumbnail"])
def test_both_ways_say_the_same(client, addresses, whole_way, name):
    address = addresses[name.rpartition(" ")[2]]
    headers = {} if " " in name else etag_of(client, address)
    short = client.get(address, headers=headers)
    whole_way()
    long = client.get(address, headers=headers)
    assert (short.status_code, short.content) == (long.status_code, long.content)
    assert said(short) == said(long)


def said(answer):
    """Its headers, but for the language, and the length, that nothing has."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    for name in ["content-language"] + ["content-length"] * (answer.status_code == 304):
        headers.pop(name, None)
    return headers | {"vary": sorted(headers["vary"].lower().split(", "))}


def removed(client, event):
    Membership.objects.filter(user=client.user).delete()


def signed_out(client, event):
    Session.objects.all().delete()


def expired(client, event):
    Session.objects.update(expire_date=timezone.now())


def closed(client, event):
    User.objects.filter(pk=client.user.pk).update(is_active=False)


def other_password(client, event):
    client.user.set_password("another one")
    client.user.save()


def proven_elsewhere(client, event):
    """A session without proof is nobody's then; a proven one stays."""
    User.objects.filter(pk=client.user.pk).update(address_proven_at=timezone.now(), name="Owner")


def given_a_role(client, event):
    """At another event: without a proof the account has nothing any more."""
    add_member(make_event(), client.user, Membership.Role.ORGANIZER)
    User.objects.filter(pk=client.user.pk).update(name="Organizer")


def in_deletion(client, event):
    Event.objects.update(deletion_started_at=timezone.now())


def someone_elses_session(client, event):
    client.cookies["sessionid"] = "x" * 32


ENDS = [
    removed,
    signed_out,
    expired,
    closed,
    other_password,
    proven_elsewhere,
    given_a_role,
    in_deletion,
    someone_elses_session,
]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_who_may_not_see_it_any_more_learns_nothing(client, event, addresses, whole_way, end):
    known = {name: etag_of(client, addresses[name]) for name in GUESTS}
    end(client, event)
    kept = client.cookies["sessionid"].value
    short = {name: client.get(addresses[name], headers=known[name]) for name in GUESTS}
    whole_way()
    client.cookies["sessionid"] = kept
    long = {name: client.get(addresses[name], headers=known[name]) for name in GUESTS}
    assert statuses(short) == statuses(long)
    if end not in (proven_elsewhere, given_a_role) or client.user.address_proven_at is None:
        assert {302, 404} >= set(statuses(short).values())


def statuses(answers):
    return {name: answer.status_code for name, answer in answers.items()}


def test_what_everybody_sees_is_told_with_the_next_answer(client, addresses):
    names = [*GUESTS, "live_slides"]
    known = {name: etag_of(client, addresses[name]) for name in names}
    Photo.objects.update(hidden=True)
    answers = {name: client.get(addresses[name], headers=known[name]) for name in names}
    assert statuses(answers) == dict.fromkeys(names, 200) | {"thumbnail": 404}


def test_another_guest_gets_no_304_by_what_this_one_knows(client, addresses, other_guest, as_user):
    known = {name: etag_of(client, addresses[name]) for name in GUESTS[:-1]}
    other = as_user(other_guest)
    answers = {name: other.get(addresses[name], headers=etag) for name, etag in known.items()}
    assert set(statuses(answers).values()) == {200}


def test_a_host_that_is_none_of_ours_is_refused(client, addresses):
    known = etag_of(client, addresses["general"])
    answer = client.get(addresses["general"], headers=known | {"host": "elsewhere.example"})
    assert answer.status_code == 400


def test_a_new_link_ends_the_slideshow_of_the_old_one(client, event, addresses):
    known = etag_of(client, addresses["live_slides"])
    Event.objects.update(live_code="another")
    assert client.get(addresses["live_slides"], headers=known).status_code == 404


def test_a_number_that_is_no_photos_is_not_found(client, event):
    for number in ("9" * 18, "9" * 19, "9" * 400):
        path = f"/e/{event.slug}/photos/{number}/thumbnail.jpg"
        assert client.get(path).status_code == 404
