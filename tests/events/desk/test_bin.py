"""Events in the bin: gone for everybody, and back as they were, until their days are over."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django_q.models import OrmQ

from events import audit
from events.desk import organizing, retention
from events.models import Event, Membership
from faces.models import Consent, Face, FaceMatch
from faces.privacy import unclaimed, withdrawal
from tests.builders import add_member, consent, make_face, make_match, make_photo, make_user
from tests.fakes import template

pytestmark = pytest.mark.django_db
BIN = "admin:events_bin"


@pytest.fixture
def binned(event, organizer, guest):
    make_match(guest, make_photo(event))
    organizing.put_in_bin(event, by=organizer)
    event.refresh_from_db()
    return event


def test_the_typed_name_puts_it_in_the_bin(event, organizer, as_user):
    client = as_user(organizer)
    page = client.get(reverse("admin:events_event_delete", args=[event.pk])).content.decode()
    assert "in the bin for 30 days" in page
    answer = client.post(
        reverse("admin:events_event_delete", args=[event.pk]), {"name": event.name}, follow=True
    )
    assert f"“{event.name}” is in the bin for 30 days." in answer.content.decode()
    assert Event.objects.binned().get() == event
    assert not OrmQ.objects.exists()


def test_it_is_promised_no_longer_than_until_the_day_that_guests_were_promised(
    event, organizer, as_user
):
    last = timezone.localdate(timezone=event.zone) + timedelta(days=8)
    Event.objects.update(delete_on=last)
    client, address = as_user(organizer), reverse("admin:events_event_delete", args=[event.pk])
    desk = client.get(reverse("admin:events_event_change", args=[event.pk])).content.decode()
    assert f"in the bin for 8 days, until {date_format(last)}" in " ".join(desk.split())
    question = client.get(address).content.decode()
    answer = client.post(address, {"name": event.name}, follow=True).content.decode()
    for page in (question, answer):
        assert "in the bin for 8 days" in page
        assert f"restore it until {date_format(last)}" in page
    assert "8 days left" in answer


def test_where_that_day_has_come_it_goes_at_once_and_the_question_says_so(
    event, organizer, as_user
):
    Event.objects.update(delete_on=timezone.localdate() - timedelta(days=1))
    client, address = as_user(organizer), reverse("admin:events_event_delete", args=[event.pk])
    assert "cannot be brought back" in client.get(address).content.decode()
    client.post(address, {"name": event.name})
    assert Event.objects.being_deleted().get() == event


def test_it_is_gone_for_everybody(binned, organizer, guest, as_user):
    photo = binned.photos.get()
    for name in ("general", "my_photos", "uploads"):
        assert as_user(guest).get(reverse(name, args=[binned.slug])).status_code == 404
    picture = reverse("thumbnail", args=[binned.slug, photo.pk])
    live = reverse("live", args=[binned.slug, binned.live_code])
    for user in (guest, organizer):
        for address in (picture, live, binned.get_join_url()):
            assert as_user(user).get(address).status_code == 404
    client = as_user(organizer)
    desk = [
        reverse("admin:events_event_change", args=[binned.pk]),
        reverse("admin:photos_photo_upload", args=[binned.pk]),
        reverse("admin:photos_photo_change", args=[photo.pk]),
    ]
    assert [client.get(address).status_code for address in desk] == [404] * 3
    assert binned.name not in as_user(guest).get(reverse("home")).content.decode()


def test_its_address_and_join_code_stay_taken(binned, organizer):
    other = Event(name=binned.name, slug=binned.slug, starts_on=binned.starts_on)
    other.ends_on = binned.ends_on
    organizing.set_up(other, organizer=organizer)
    assert other.slug == f"{binned.slug}-2"


def test_its_organizer_takes_it_out_as_it_was(binned, organizer, guest, as_user):
    client = as_user(organizer)
    home = client.get(reverse("admin:index")).content.decode()
    assert reverse(BIN) in home
    assert "30 days left" in client.get(reverse(BIN)).content.decode()
    client.post(reverse("admin:events_bin_restore", args=[binned.pk]))
    assert as_user(guest).get(reverse("my_photos", args=[binned.slug])).status_code == 200
    assert Event.objects.kept().get(join_code=binned.join_code).memberships.count() == 3
    lines = [line.what for line in audit.lines(audit.entries(binned)[:2])]
    assert lines == ["Restored the event from the bin", "Put the event in the bin"]
    assert reverse(BIN) not in client.get(reverse("admin:index")).content.decode()


def test_who_organizes_nothing_else_and_was_only_invited_finds_it(binned, as_user):
    invited = make_user("Ivo")
    add_member(binned, invited, Membership.Role.ORGANIZER)
    assert binned.name in as_user(invited).get(reverse(BIN)).content.decode()
    photographer = make_user("Pia")
    add_member(binned, photographer, Membership.Role.PHOTOGRAPHER)
    assert as_user(photographer).get(reverse(BIN)).status_code == 302


@pytest.mark.parametrize("name", ["admin:events_bin_restore", "admin:events_bin_delete"])
def test_others_cannot_touch_it(binned, rival_organizer, as_user, name):
    client = as_user(rival_organizer)
    answer = client.post(reverse(name, args=[binned.pk]), {"name": binned.name})
    assert answer.status_code == 404
    assert binned.name not in client.get(reverse(BIN)).content.decode()
    assert Event.objects.binned().exists()


def test_for_good_asks_for_the_name(binned, organizer, as_user):
    client, address = as_user(organizer), reverse("admin:events_bin_delete", args=[binned.pk])
    assert client.post(address, {"name": "other"}).status_code == 422
    assert Event.objects.binned().exists()
    client.post(address, {"name": binned.name})
    assert Event.objects.being_deleted().get() == binned


def test_what_somebody_restores_meanwhile_is_not_deleted(binned, organizer):
    organizing.take_out_of_bin(binned, by=organizer)
    assert not organizing.start_deletion(binned, by=organizer, binned_only=True)
    assert Event.objects.kept().exists()


def test_what_is_being_deleted_cannot_be_taken_out(binned, organizer):
    organizing.start_deletion(binned, by=organizer)
    assert not organizing.take_out_of_bin(binned, by=organizer)


def test_after_its_days_it_goes(binned):
    retention.sweep(binned.binned_at + timedelta(days=29, hours=23))
    assert Event.objects.binned().exists()
    retention.sweep(binned.binned_at + timedelta(days=30))
    assert Event.objects.being_deleted().get() == binned


def test_the_day_that_guests_were_promised_comes_first(binned):
    Event.objects.update(delete_on=timezone.localdate() + timedelta(days=3))
    binned.refresh_from_db()
    assert retention.leaves_bin_on(binned) == binned.delete_on
    retention.sweep(timezone.now() + timedelta(days=2))
    assert Event.objects.binned().exists()
    retention.sweep(timezone.now() + timedelta(days=4))
    assert Event.objects.being_deleted().exists()


def test_promises_to_guests_are_kept_in_the_bin(binned, guest):
    face = make_face(binned.photos.get(), template=template(1))
    Event.objects.update(faces_kept_days=0)
    unclaimed.forget(binned.pk)
    assert Face.objects.get(pk=face.pk).template is None
    consent(guest, binned)
    withdrawal.withdraw_everywhere(guest)
    assert not FaceMatch.objects.exists()
    assert not Consent.objects.in_force().exists()


def test_a_guest_sees_what_is_stored_and_withdraws_for_it(binned, guest, as_user):
    consent(guest, binned)
    client = as_user(guest)
    assert (
        "The organizers have deleted this event" in client.get(reverse("privacy")).content.decode()
    )
    client.post(reverse("privacy_withdraw"), {"event": binned.pk})
    assert not FaceMatch.objects.exists()
