"""Who gets into an event, and who is told why not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.entrance import joining
from events.models import Membership, User
from tests.builders import make_event, make_user


def refusal(slug, code):
    with pytest.raises(joining.JoinRefused) as refused:
        joining.event_to_join(slug=slug, code=code, at=timezone.now())
    return refused.value


def test_the_code_of_an_event_opens_it_however_it_was_typed(event):
    typed = f" {event.join_code[:4].lower()}-{event.join_code[4:]} "
    assert joining.event_to_join(slug=event.slug, code=typed, at=timezone.now()) == event


def test_a_code_that_an_organizer_chose_opens_the_event(db):
    event = make_event(join_code="wedding-26")
    assert joining.event_to_join(slug=event.slug, code="wedding-26", at=timezone.now()) == event


def test_an_unknown_event_is_refused(db):
    refused = refusal("nothing", "ABCD2345")
    assert (refused.code, refused.status) == ("join_unknown", 404)


def test_the_code_of_another_event_is_refused(event):
    refused = refusal(event.slug, make_event().join_code)
    assert (refused.code, refused.status) == ("wrong_link", 404)


def test_a_closed_event_is_refused(db):
    event = make_event(closed_at=timezone.now() - timedelta(minutes=1))
    refused = refusal(event.slug, event.join_code)
    assert (refused.code, refused.status) == ("join_closed", 410)


def test_an_event_whose_joining_ended_is_refused(db):
    event = make_event(join_until=timezone.now() - timedelta(minutes=1))
    refused = refusal(event.slug, event.join_code)
    assert (refused.code, refused.status) == ("join_ended", 410)


def test_whether_an_event_is_closed_is_told_only_to_those_with_its_code(db):
    event = make_event(closed_at=timezone.now() - timedelta(minutes=1))
    assert refusal(event.slug, "WRONG").code == "wrong_link"


def test_joining_twice_makes_one_membership(event, stranger):
    first = joining.join(user=stranger, event=event)
    assert joining.join(user=stranger, event=event) == first


def test_joining_takes_no_role_away(event, organizer):
    assert joining.join(user=organizer, event=event).role == Membership.Role.ORGANIZER


def test_a_new_guest_has_no_password_and_belongs_to_the_event(event):
    new = joining.register_guest(event=event, name="Nina", email="nina@example.com", language="fr")
    assert not new.has_usable_password()
    assert new.language == "fr"
    assert new.memberships.get().event == event


def test_an_address_is_taken_whatever_its_case(event):
    make_user(email="nina@example.com")
    with pytest.raises(joining.AddressTaken):
        joining.register_guest(event=event, name="N", email="NINA@example.com", language="en")
    assert User.objects.filter(email__iexact="nina@example.com").count() == 1


def test_only_names_of_organizers_are_shown(event, organizer, guest):
    joining.join(user=make_user(name="", email="nameless@example.com"), event=event)
    event.memberships.filter(user__name="").update(role=Membership.Role.ORGANIZER)
    assert joining.inviters(event) == [organizer.name]
