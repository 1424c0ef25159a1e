"""The demo events."""

import pytest
from django.core.management import CommandError, call_command

from events.desk import organizing
from events.models import Event
from faces.finding import enrolling, scanning
from faces.models import FaceMatch, PhotoScan
from findme.env import DEMO_SELFIE
from photos.models import Photo
from tests.builders import add_member, consent, make_user
from tests.fakes import picture

pytestmark = pytest.mark.django_db


@pytest.mark.engine
def test_the_demo_guest_is_found_in_two_photos_and_no_other(samples):
    call_command("demo", verbosity=0)
    event, guest = Event.objects.get(slug="demo"), make_user("Camille")
    add_member(event, guest)
    consent(guest, event)
    for scan in PhotoScan.objects.all():
        scanning.run(scan.pk)
    enrolling.add_selfie(user=guest, data=DEMO_SELFIE.read_bytes())
    enrolling.enroll_event(event.pk)
    found = FaceMatch.objects.of(guest).counting().values_list("photo__name", flat=True)
    assert sorted(found) == ["sample1.jpg", "sample3.jpg"]


@pytest.mark.engine
def test_a_second_demo_adds_nothing(samples):
    for _ in range(2):
        call_command("demo", verbosity=0)
    assert Photo.objects.count() == 6


@pytest.mark.engine
def test_the_demo_is_one_evening(samples):
    call_command("demo", verbosity=0)
    event = Event.objects.get(slug="demo")
    times = Photo.objects.order_by("name").values_list("taken_at", flat=True)
    days = {taken_at.astimezone(event.zone).date() for taken_at in times}
    assert days == {event.starts_on}
    assert list(times) == sorted(times)


def test_a_demo_of_ones_own_photos(tmp_path, capsys):
    (tmp_path / "a.jpg").write_bytes(picture([1]))
    call_command("demo", photos=tmp_path, verbosity=1)
    assert Photo.objects.get().event.slug == "my-demo"
    assert "/e/my-demo/join/" in capsys.readouterr().out


def test_the_organizers_of_the_site_organize_the_demo(tmp_path):
    staff = make_user("Sam", is_superuser=True, is_staff=True)
    call_command("demo", photos=tmp_path, verbosity=0)
    assert Event.objects.held_by(staff, "organizer").get().memberships.get().user == staff


def test_a_missing_folder_is_said(tmp_path):
    with pytest.raises(CommandError, match="is not a folder"):
        call_command("demo", photos=tmp_path / "nowhere", verbosity=0)


def test_a_demo_in_the_bin_is_restored_by_whoever_asks_for_it(tmp_path):
    (tmp_path / "a.jpg").write_bytes(picture([1]))
    call_command("demo", photos=tmp_path, verbosity=0)
    organizing.put_in_bin(Event.objects.get(), by=None)
    call_command("demo", photos=tmp_path, verbosity=0)
    assert Event.objects.kept().count() == 1
