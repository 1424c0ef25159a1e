"""Who was removed by an organizer does not come back by themselves, by whatever door."""

import pytest
from django.urls import reverse

from events.desk import roles
from events.entrance import exclusions, joining
from events.entrance.joining import JoinRefused
from events.models import Exclusion, Membership, User
from faces.desk import guests
from faces.models import Consent
from faces.privacy import consenting
from tests.builders import add_member, make_event, make_selfie, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def removed(event, organizer, guest):
    guests.remove(event.memberships.get(user=guest), by=organizer)
    return guest


def test_the_join_page_says_so_and_lets_nobody_in(event, removed, as_user):
    client = as_user(removed)
    for answer in (client.get(event.get_join_url()), client.post(event.get_join_url())):
        assert answer.status_code == 403
        assert "Its organizer has removed you." in answer.content.decode()
    assert not event.memberships.filter(user=removed).exists()


@pytest.mark.parametrize("address", ["{name}@{domain}", "{name}+again@{domain}", "{NAME}@{domain}"])
def test_the_address_is_known_after_the_account_is_gone(event, removed, client, address):
    name, _, domain = removed.email.partition("@")
    removed.delete()
    email = address.format(name=name, NAME=name.upper(), domain=domain)
    answer = client.post(event.get_join_url(), {"name": "Gina", "email": email})
    assert answer.status_code == 403
    assert not User.objects.with_email(email)
    assert removed.email not in Exclusion.objects.get().address_key


def test_it_counts_for_one_event_and_one_person(event, removed, other_guest):
    joining.join(user=removed, event=make_event())
    joining.admit(user=other_guest, event=event)
    keys = {exclusions.key_of(each, removed.email) for each in (event, make_event())}
    assert len(keys) == 2


def test_no_consent_is_given_there(event, removed):
    make_selfie(removed)
    with pytest.raises(Membership.DoesNotExist):
        consenting.give(user=removed, event=event, words=consenting.words(event))
    assert not Consent.objects.exists()


def test_a_child_is_kept_out_with_its_guardian(event, removed):
    email = "c1@child.invalid"
    child = User.objects.create_user(email, name="Kim", guardian=removed, is_active=False)
    with pytest.raises(JoinRefused):
        joining.join(user=child, event=event)


def test_an_invitation_lets_back_in(event, organizer, removed):
    roles.invite(event=event, email=removed.email, role="guest", by=organizer)
    assert not Exclusion.objects.exists()
    joining.admit(user=removed, event=event)


def test_who_leaves_by_themselves_may_come_back(event, organizer):
    other = make_user("Other")
    roles.remove_member(add_member(event, other, Membership.Role.ORGANIZER), by=other)
    joining.join(user=other, event=event)


def test_exclusions_go_with_their_event(event, removed):
    event.delete()
    assert not Exclusion.objects.exists()


def test_members_pass_through_as_before(event, other_guest, as_user):
    exclusions.exclude(make_event(), other_guest)
    answer = as_user(other_guest).get(event.get_join_url())
    assert answer["Location"] == reverse("my_photos", args=[event.slug])
