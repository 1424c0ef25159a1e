"""The guests' page: what became of a selfie, never the selfie; roles and removal."""

from __future__ import annotations

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from events import audit
from events.desk import roles
from events.entrance import exclusions, joining
from events.models import Exclusion, Membership
from faces.desk import guests
from faces.guest import children
from faces.index.indexes import index_of
from faces.models import Consent, Enrollment, FaceChange, FaceMatch, Selfie
from faces.privacy import receipts
from tests import fakes
from tests.builders import (
    add_member,
    consent,
    make_event,
    make_match,
    make_photo,
    make_selfie,
    make_user,
)
from tests.locks import can_lock
from tests.workers import run_jobs

pytestmark = pytest.mark.django_db


def page_of(event):
    return reverse("admin:events_event_guests", args=[event.pk])


def act(client, name, membership, **data):
    address = reverse(f"admin:events_event_guest_{name}", args=[membership.event_id, membership.pk])
    return client.post(address, data, follow=True)


def row(event, user):
    return guests.guest(guests.members(event).get(user=user))


def enroll(selfie, event):
    Enrollment.objects.create(
        selfie=selfie, event=event, index_name=index_of(event).name, template=fakes.template(1)
    )


class TestSelfieState:
    def test_it_follows_consent_selfie_and_enrolment(self, event, guest):
        states = [row(event, guest).selfie]
        given = consent(guest, event)
        states.append(row(event, guest).selfie)
        selfie = make_selfie(guest)
        states.append(row(event, guest).selfie)
        enroll(selfie, event)
        states.append(row(event, guest).selfie)
        Consent.objects.filter(pk=given.pk).update(withdrawn_at=timezone.now())
        states.append(row(event, guest).selfie)
        assert states == [
            guests.SELFIE_STATES[state]
            for state in ("none", "consented", "waiting", "found", "withdrawn")
        ]

    def test_a_selfie_given_elsewhere_does_not_show(self, event, guest):
        other = make_event()
        consent(guest, other)
        enroll(make_selfie(guest), other)
        assert row(event, guest).selfie == guests.SELFIE_STATES["none"]

    def test_the_page_shows_no_selfie(self, event, organizer, guest, as_user):
        selfie = make_selfie(guest)
        consent(guest, event)
        page = as_user(organizer).get(page_of(event)).content.decode()
        assert f"selfie/{selfie.pk}" not in page
        assert page.count("<img") == page.count("img/icon.svg") - 1  # the last is the favicon


class TestPhotoCount:
    def test_it_is_what_the_guest_sees(self, event, guest):
        for fields in ({}, {}, {"hidden": True}):
            make_match(guest, make_photo(event, **fields))
        make_match(guest, make_photo(event), verdict=FaceMatch.Verdict.NOT_ME)
        make_match(guest, make_photo(make_event()))
        assert row(event, guest).photo_count == 2


class TestFinding:
    def test_by_name_address_and_role(self, event, organizer, guest):
        assert [m.user for m in guests.members(event, search="gIn")] == [guest]
        assert [m.user for m in guests.members(event, search=guest.email)] == [guest]
        assert [m.user for m in guests.members(event, role="organizer")] == [organizer]

    def test_a_page_costs_the_same_for_many_guests(
        self, event, organizer, as_user, django_assert_max_num_queries
    ):
        for number in range(60):
            add_member(event, make_user(f"Guest{number}"))
        client = as_user(organizer)
        with django_assert_max_num_queries(14):
            page = client.get(page_of(event))
        assert len(page.context["guests"]) == 50


class TestRoles:
    def test_a_guest_becomes_photographer(self, event, organizer, guest, as_user):
        membership = event.memberships.get(user=guest)
        act(as_user(organizer), "role", membership, role="photographer")
        membership.refresh_from_db()
        assert membership.role == Membership.Role.PHOTOGRAPHER

    def test_an_unknown_role_is_refused(self, event, organizer, guest, as_user):
        membership = event.memberships.get(user=guest)
        answer = act(as_user(organizer), "role", membership, role="emperor")
        assert "Choose one of the roles." in answer.content.decode()
        membership.refresh_from_db()
        assert membership.role == Membership.Role.GUEST

    def test_the_last_organizer_is_told_why_not(self, event, organizer, as_user):
        membership = event.memberships.get(user=organizer)
        for name in ("role", "removal"):
            answer = act(as_user(organizer), name, membership, role="guest")
            assert "keeps at least one organizer" in answer.content.decode()

    def test_a_bad_address_is_refused(self, event, organizer, as_user):
        answer = as_user(organizer).post(page_of(event), {"email": "pia", "role": "photographer"})
        assert answer.status_code == 422
        assert "does not look like an e-mail address" in answer.content.decode()

    def test_another_events_member_is_out_of_reach(self, event, organizer, as_user):
        foreign = add_member(make_event(), make_user("Foreign"))
        address = reverse("admin:events_event_guest_removal", args=[event.pk, foreign.pk])
        assert as_user(organizer).post(address).status_code == 404
        assert Membership.objects.filter(pk=foreign.pk).exists()


class TestOtherFaces:
    """Who gave selfies anew, or was refused one: the organizer knows who they are."""

    def test_they_are_told_with_when_and_found(self, event, organizer, guest, as_user):
        FaceChange.objects.create(user=guest, event=event, what="changed")
        FaceChange.objects.create(user=guest, event=event, what="refused")
        page = as_user(organizer).get(page_of(event), {"faces": "other"}).content.decode()
        assert "after removing all earlier ones" in page
        assert "a selfie that did not look like the others" in page
        assert [m.user for m in guests.members(event, other_faces=True)] == [guest]

    def test_removing_selfies_alone_is_nobodys_business(self, event, guest):
        FaceChange.objects.note_removal(guest.pk, event)
        FaceChange.objects.create(user=guest, event=make_event(), what="changed")
        assert row(event, guest).changed_at is None
        assert not guests.members(event, other_faces=True).exists()


class TestLettingBackIn:
    def test_who_was_removed_is_listed_until_let_back_in(self, event, organizer, guest, as_user):
        client = as_user(organizer)
        act(client, "removal", event.memberships.get(user=guest))
        assert guest.email in client.get(page_of(event)).content.decode()
        address = reverse(
            "admin:events_event_guest_back", args=[event.pk, Exclusion.objects.get().pk]
        )
        answer = client.post(address, follow=True)
        assert "Gina can join again." in answer.content.decode()
        joining.join(user=guest, event=event)
        assert audit.lines(audit.entries(event))[0].what == "Let Gina join again"

    def test_of_an_account_that_is_gone_no_name_is_left(self, event, organizer, guest, as_user):
        client = as_user(organizer)
        act(client, "removal", event.memberships.get(user=guest))
        guest.delete()
        page = client.get(page_of(event)).content.decode()
        assert "Somebody whose account is gone" in page
        assert "Gina" not in page

    def test_another_events_organizer_cannot(self, event, organizer, guest, as_user):
        foreign = make_event()
        exclusions.exclude(foreign, guest)
        pk = Exclusion.objects.get().pk
        address = reverse("admin:events_event_guest_back", args=[event.pk, pk])
        assert as_user(organizer).post(address).status_code == 404
        assert Exclusion.objects.exists()


class TestRemoving:
    def test_the_faces_data_goes_too(self, event, organizer, guest, other_guest, as_user):
        photo = make_photo(event)
        consent(guest, event)
        enroll(make_selfie(guest), event)
        make_match(guest, photo)
        make_match(other_guest, photo)
        answer = act(as_user(organizer), "removal", event.memberships.get(user=guest))
        assert "Gina is removed, with the face’s data and 1 match." in answer.content.decode()
        assert not Selfie.objects.of(guest).exists()
        assert not Enrollment.objects.exists()
        assert list(FaceMatch.objects.values_list("user", flat=True)) == [other_guest.pk]
        assert as_user(guest).get(event.get_absolute_url()).status_code == 404

    def test_the_receipt_is_on_its_way_at_once(self, event, organizer, guest, as_user):
        consent(guest, event)
        enroll(make_selfie(guest), event)
        act(as_user(organizer), "removal", event.memberships.get(user=guest))
        run_jobs()
        assert [letter.to for letter in mail.outbox] == [[guest.email]]
        assert event.name in mail.outbox[0].body
        receipts.sweep()
        run_jobs()
        assert len(mail.outbox) == 1

    @pytest.mark.django_db(transaction=True)
    def test_whoever_holds_the_event_may_refer_to_them_and_nobody_takes_their_consent(
        self, event, organizer, guest, monkeypatch
    ):
        guest.proven_at, found = timezone.now(), []
        family = [children.add(guardian=guest, event=event, name=name) for name in ("Ida", "Ian")]

        def look(*args, **kwargs):
            kinds = ("KEY SHARE", "NO KEY UPDATE")
            found.extend([can_lock(person, kind) for kind in kinds] for person in (guest, *family))

        monkeypatch.setattr(roles, "remove_member", look)
        guests.remove(event.memberships.get(user=guest), by=organizer)
        assert found == [[True, False]] * 9
