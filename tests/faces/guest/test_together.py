"""Together: only between guests who both share, only while they do."""

import pytest
from django.urls import reverse

from events.models import Membership
from faces.guest import together
from faces.models import Consent
from faces.privacy import withdrawal
from photos import audience
from tests.builders import add_member, consent, make_match, make_photo, make_user, photos_shown
from tests.photos.delivery.answers import archive, ids_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(event, guest, other_guest):
    """Two photos with both, one with each alone; both share."""
    photos = [make_photo(event) for _ in range(4)]
    for user, seen in ((guest, photos[:3]), (other_guest, [*photos[:2], photos[3]])):
        consent(user, event)
        together.set_sharing(user=user, event=event, shares=True)
        for photo in seen:
            make_match(user, photo)
    return photos[:2]


def address(event, other):
    own = Consent.objects.of(other).in_event(event).latest("pk")
    return reverse("together_with", args=[event.slug, own.pk])


def shared(client, event, other):
    answer = client.get(address(event, other))
    return photos_shown(answer.context["page"]) if answer.status_code == 200 else answer.status_code


def switch(client, event, value):
    return client.post(reverse("together", args=[event.slug]), {"share": value})


def test_outsiders_get_404(event, both, guest, as_user, stranger, rival_organizer):
    for user in (stranger, rival_organizer):
        client = as_user(user)
        assert client.get(reverse("together", args=[event.slug])).status_code == 404
        assert switch(client, event, "1").status_code == 404
        assert client.get(address(event, guest)).status_code == 404
        assert client.post(address(event, guest) + "download/").status_code == 404
        assert client.get(f"{address(event, guest)}{both[0].pk}/").status_code == 404


def test_both_see_the_photos_with_both_and_no_other(event, both, as_user, guest, other_guest):
    assert shared(as_user(guest), event, other_guest) == both[::-1]
    assert shared(as_user(other_guest), event, guest) == both[::-1]
    opened = archive(as_user(guest).post(address(event, other_guest) + "download/"))
    assert ids_in(opened) == [photo.pk for photo in both]


def test_the_page_of_a_photo_stands_among_those_with_both_while_both_share(
    event, both, as_user, guest, other_guest
):
    client, gallery = as_user(guest), address(event, other_guest)
    page = f"{gallery}{both[0].pk}/"
    assert page in client.get(gallery).content.decode()
    said = client.get(page).context
    assert (said["place"], said["photo_count"], said["gallery_url"]) == (2, 2, gallery)
    assert (said["previous_url"], said["following_url"]) == (f"{gallery}{both[1].pk}/", None)
    switch(as_user(other_guest), event, "0")
    general = reverse("photo", args=[event.slug, both[0].pk])
    assert as_user(guest).get(page)["Location"] == general


def test_photos_somebody_is_not_in_leave_the_galleries_of_their_own_at_once(
    event, both, as_user, guest, other_guest
):
    """What gallery.js goes by; General keeps them."""
    client = as_user(guest)
    pages = [address(event, other_guest), reverse("my_photos", args=[event.slug])]
    for page in pages:
        assert 'class="gallery" data-of-me' in client.get(page).content.decode()
    general = client.get(reverse("general", args=[event.slug])).content.decode()
    assert "data-of-me" not in general


def test_it_is_off_until_turned_on(event, as_user, guest, other_guest):
    for user in (guest, other_guest):
        consent(user, event)
    switch(as_user(guest), event, "1")
    page = as_user(guest).get(reverse("together", args=[event.slug])).content.decode()
    assert "Otto" not in page
    assert shared(as_user(guest), event, other_guest) == 404


def test_who_does_not_share_sees_no_names(event, both, as_user, guest, other_guest):
    switch(as_user(guest), event, "0")
    page = as_user(guest).get(reverse("together", args=[event.slug])).content.decode()
    assert "Otto" not in page
    assert shared(as_user(guest), event, other_guest) == 404


@pytest.mark.parametrize("leave", ["stops", "withdraws", "leaves"])
def test_leaving_ends_it_at_once(event, both, as_user, guest, other_guest, leave):
    client, url = as_user(guest), address(event, other_guest)
    if leave == "stops":
        switch(as_user(other_guest), event, "0")
    elif leave == "withdraws":
        withdrawal.withdraw(user=other_guest, event=event)
    else:
        Membership.objects.filter(user=other_guest).delete()
    assert client.get(url).status_code == 404
    page = client.get(reverse("together", args=[event.slug])).content.decode()
    assert "Otto" not in page


def test_a_new_consent_does_not_share_by_itself(event, both, guest):
    withdrawal.withdraw(user=guest, event=event)
    consent(guest, event)
    assert not together.is_sharing(guest, event)


def test_sharing_needs_consent(event, as_user, guest):
    answer = switch(as_user(guest), event, "1")
    assert answer["Location"] == reverse("selfie", args=[event.slug])
    assert not together.is_sharing(guest, event)


def test_not_me_and_hidden_photos_are_left_out(event, both, as_user, guest, other_guest):
    guest.face_matches.filter(photo=both[0]).update(verdict="not_me")
    type(both[1]).objects.filter(pk=both[1].pk).update(hidden=True)
    assert shared(as_user(guest), event, other_guest) == []


def test_an_address_is_never_shown_for_a_name(event, both, as_user, guest):
    nameless = make_user("", email="secret@example.com")
    Membership.objects.create(event=event, user=nameless)
    consent(nameless, event)
    together.set_sharing(user=nameless, event=event, shares=True)
    page = as_user(guest).get(reverse("together", args=[event.slug])).content.decode()
    assert "secret@example.com" not in page
    assert "Otto" in page


def test_the_list_says_how_many_photos_are_shared_in_as_many_queries_for_few_and_many(
    event, both, as_user, guest, other_guest, django_assert_num_queries
):
    make_match(other_guest, make_photo(event, hidden=True))
    people = together.partners(guest, event)
    with django_assert_num_queries(1):
        assert together.counts(guest, people, event, audience.ALL) == {other_guest.pk: 2}
    nobody = make_user("Nobody yet")
    consent(nobody, event)
    add_member(event, nobody)
    together.set_sharing(user=nobody, event=event, shares=True)
    people = together.partners(guest, event)
    with django_assert_num_queries(1):
        assert together.counts(guest, people, event, audience.ALL) == {other_guest.pk: 2}
    page = as_user(guest).get(reverse("together", args=[event.slug])).content.decode()
    assert "2 photos with you" in page
    assert "0 photos with you" in page
