"""What the log of an event says of photos that came."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from events import audit
from photos.intake import upload_log
from photos.models import UploadNote
from tests.builders import make_photo

pytestmark = pytest.mark.django_db


def said(event):
    return [
        (line.who, line.what) for line in audit.lines(audit.entries(event)) if "Sent" in line.what
    ]


def age(**ago):
    UploadNote.objects.update(at=timezone.now() - timedelta(**ago))


def test_one_line_tells_of_all_that_one_person_sent(event, organizer, guest):
    for uploader in (organizer, organizer, guest, None):
        make_photo(event, uploader=uploader)
    age(minutes=3)
    upload_log.sweep()
    upload_log.sweep()
    assert set(said(event)) == {
        ("Olga", "Sent photos (2)"),
        ("Gina", "Sent photos (1)"),
        ("FindMe", "Sent photos (1)"),
    }


def test_it_waits_until_no_more_come(event, organizer):
    make_photo(event, uploader=organizer)
    age(minutes=30)
    make_photo(event, uploader=organizer)
    upload_log.sweep()
    assert said(event) == []
    age(minutes=61)
    make_photo(event, uploader=organizer)
    upload_log.sweep()
    assert said(event) == [("Olga", "Sent photos (3)")]


def test_who_is_gone_is_not_named(event, guest):
    make_photo(event, uploader=guest)
    guest.delete()
    age(minutes=3)
    upload_log.sweep()
    assert said(event) == [("FindMe", "Sent photos (1)")]
