"""Folders that become sections, at the desk's upload and from the command line."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from events.models import Membership
from photos import sections
from photos.models import Photo, Section
from tests.builders import add_member
from tests.fakes import picture

pytestmark = pytest.mark.django_db


def send(client, event, number, section):
    return client.post(
        reverse("admin:photos_photo_receive", args=[event.pk]),
        picture(people=[], seed=number),
        content_type="application/octet-stream",
        headers={"X-File-Name": f"{number}.jpg", "X-Section": section},
    )


def placed():
    return dict(Photo.objects.values_list("name", "section__name"))


def test_a_section_is_made_when_first_needed(event, organizer, as_user):
    client = as_user(organizer)
    for number, section in ((1, "C%C3%A9r%C3%A9monie"), (2, "c%C3%A9r%C3%A9monie"), (3, "%00")):
        assert send(client, event, number, section).json()["state"] == "accepted"
    assert placed() == {"1.jpg": "Cérémonie", "2.jpg": "Cérémonie", "3.jpg": None}


def test_a_photographer_fills_sections_and_makes_none(event, organizer, stranger, as_user):
    add_member(event, stranger, Membership.Role.PHOTOGRAPHER)
    sections.make(event, "Party", by=organizer)
    client = as_user(stranger)
    send(client, event, 1, "Party")
    send(client, event, 2, "Mine")
    assert placed() == {"1.jpg": "Party", "2.jpg": None}


def test_what_was_there_already_stays_where_it_is(event, organizer, as_user):
    client = as_user(organizer)
    send(client, event, 1, "Party")
    assert send(client, event, 1, "Dinner").json()["state"] == "known"
    assert placed() == {"1.jpg": "Party"}


def test_the_command_makes_sections_of_folders_where_asked(event, tmp_path):
    for number, folder in enumerate(("Ceremony", "Party")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{number}.jpg").write_bytes(picture(people=[], seed=number))
    call_command("import_photos", event.slug, str(tmp_path / "Ceremony"), verbosity=0)
    call_command("import_photos", event.slug, str(tmp_path), "--sections", verbosity=0)
    assert placed() == {"0.jpg": None, "1.jpg": "Party"}
    assert Section.objects.count() == 1
