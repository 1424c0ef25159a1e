"""Templates of faces that are no guest's go some time after the event, those of guests stay."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from events import audit
from events.models import Event
from faces.finding import scanning
from faces.models import Candidate, Face, FaceMatch, GuestModel
from faces.privacy import unclaimed
from tests.builders import (
    find,
    make_candidate,
    make_face,
    make_match,
    make_photo,
    make_scan,
)
from tests.fakes import template

pytestmark = pytest.mark.django_db

LAST_DAY = datetime(2026, 6, 21, 12, tzinfo=ZoneInfo("America/New_York"))


@pytest.fixture
def over(event):
    """An event whose day came long ago."""
    Event.objects.filter(pk=event.pk).update(faces_kept_days=1)
    event.refresh_from_db()
    return event


def face_of(event, **overrides):
    return make_face(make_photo(event), template=template(1), **overrides)


def make_model(guest, member):
    vectors = dict.fromkeys(("selfies", "first", "second"), [1.0] * 128)
    own = {"event": member.event, "index_name": member.index_name, "members": [member.pk]}
    return GuestModel.objects.create(user=guest, sure_at=0.44, **own, **vectors)


def kept(*faces):
    found = Face.objects.in_bulk([face.pk for face in faces])
    return [found[face.pk].template is not None for face in faces]


def test_faces_of_nobody_lose_their_template_and_keep_their_box(over, guest, monkeypatch):
    stranger, near, matched, asked, member, denied = (face_of(over) for _ in range(6))
    make_candidate(guest, near, similarity=30)
    make_match(guest, matched.photo, face=matched)
    make_candidate(guest, asked, similarity=60)
    make_match(guest, denied.photo, face=denied, verdict=FaceMatch.Verdict.NOT_ME)
    make_model(guest, member)
    monkeypatch.setattr(unclaimed, "is_due", lambda event, now: True)
    unclaimed.forget(over.pk)
    assert kept(stranger, near, denied) == [False] * 3
    assert kept(matched, asked, member) == [True] * 3
    assert not Candidate.objects.filter(face=near).exists()


def test_it_goes_on_in_batches_and_is_in_the_log(over, monkeypatch):
    monkeypatch.setattr(unclaimed, "AT_A_TIME", 2)
    faces = [face_of(over) for _ in range(5)]
    unclaimed.forget(over.pk)
    assert kept(*faces) == [False] * 5
    line = next(iter(audit.lines(audit.entries(over)[:1])))
    assert line.what == "Removed the patterns of faces that are no guest’s (5)"
    unclaimed.forget(over.pk)
    assert audit.entries(over).count() == 2  # its making, and that


def test_a_job_whose_time_is_over_leaves_the_rest_to_the_next(over, monkeypatch):
    face_of(over)
    monkeypatch.setattr(unclaimed, "WORKING_SECONDS", -1)
    unclaimed.forget(over.pk)
    assert [job.task["name"] for job in OrmQ.objects.all()] == [f"forget_unclaimed-{over.pk}"]


def test_the_day_is_the_events_own(event):
    event.time_zone, event.faces_kept_days = "America/New_York", 30
    midnight = LAST_DAY.replace(hour=0) + timedelta(days=30)
    assert not unclaimed.is_due(event, midnight - timedelta(minutes=1))
    assert unclaimed.is_due(event, midnight)


def test_photos_that_wait_are_waited_for_but_not_for_ever(event):
    event.faces_kept_days = 1
    make_scan(make_photo(event))
    assert not unclaimed.is_due(event, LAST_DAY + timedelta(days=3))
    assert unclaimed.is_due(event, LAST_DAY + timedelta(days=9))


def test_each_event_has_its_turn_a_few_times_a_day(over, event):
    now = timezone.now().replace(second=0)
    turns = [now + timedelta(minutes=n) for n in range(unclaimed.EVERY_MINUTES)]
    mine = [t for t in turns if int(t.timestamp()) // 60 % len(turns) == over.pk % len(turns)]
    assert len(mine) == 1
    unclaimed.sweep(mine[0] + timedelta(minutes=1))
    assert not OrmQ.objects.exists()
    unclaimed.sweep(mine[0])
    assert OrmQ.objects.count() == 1


def test_a_guest_who_is_found_stays_found_and_is_told_of_the_rest(over, guest, as_user):
    find(guest, over)
    unclaimed.forget(over.pk)
    assert FaceMatch.objects.of(guest).exists()
    page = as_user(guest).get(reverse("why_not", args=[over.slug])).content.decode()
    assert "no longer compared with selfies" in page


def test_the_desk_says_the_day(event, over, organizer, as_user):
    address = reverse("admin:events_event_change", args=[event.pk])
    shown = as_user(organizer).get(address).content.decode()
    assert "gone since 22 June 2026" in shown
    Event.objects.update(faces_kept_days=700)
    assert "On 21 May 2028 the patterns" in as_user(organizer).get(address).content.decode()


def test_a_photo_that_is_looked_at_again_has_its_templates_until_the_next_look(over):
    scan = make_scan(make_photo(over))
    scanning.run(scan.pk)
    unclaimed.forget(over.pk)
    assert not Face.objects.filter(template__isnull=False).exists()
