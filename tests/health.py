"""An installation in which all is well and much is under way; what `doctor` says of its rows."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import numpy as np
from django.db import connection
from django.utils import timezone

from events.models import Event, User
from faces.index.indexes import index_of
from faces.index.models import EventIndex
from faces.models import GuestModel, PhotoScan
from findme import diagnosis, jobs
from photos.models import DirectUpload, Photo
from photos.store import removals
from photos.store.models import StoredObjectRemoval
from tests import builders
from tests.fakes import template


def found(*, repair: bool = False) -> dict[str, str]:
    """What each rule that is broken, or was mended, comes to in the end, by its code."""
    examined = (diagnosis.examine(rule, repair=repair) for rule in diagnosis.rules())
    return {each.code: each.severity for findings in examined for each in findings}


def broken(code: str) -> int:
    """How many rows break one rule."""
    (rule,) = (rule for rule in diagnosis.rules() if rule.code == code)
    return rule.look().count


def execute(sql: str) -> int:
    """By hand, past all that guards the rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.rowcount)


def healthy(event: Event, guest: User) -> SimpleNamespace:
    """A guest who is found in a photo, with all that belongs to it; and work that goes on."""
    jobs.ensure_schedules()
    photo = builders.make_photo(event)
    scan = builders.make_scan(photo, state="done", finished_at=timezone.now(), face_count=1)
    face = builders.make_face(photo, template=template(1))
    consent = builders.consent(guest, event)
    selfie = builders.make_selfie(guest)
    enrollment = builders.make_enrollment(selfie, event)
    vector = np.asarray(template(1), np.float64)
    model = GuestModel.objects.create(
        user=guest,
        event=event,
        index_name=index_of(event).name,
        selfies=vector,
        first=vector,
        second=vector,
        members=[face.pk],
        sure_at=0.44,
    )
    candidate = builders.make_candidate(guest, face)
    match = builders.make_match(guest, photo, face=face)
    return SimpleNamespace(**locals())


def make_busy(event: Event, uploader: User) -> None:
    """A photo that is looked at, one that waits, an upload and another index on their way."""
    for state in ("running", "queued"):
        photo = builders.make_photo(event, status=Photo.Status.PROCESSING)
        builders.make_scan(
            photo,
            state=state,
            attempt_id="0" * 32,
            claimed_at=timezone.now() - timedelta(minutes=1),
        )
    folder = "photos/1/0123"
    removals.reserve(folder)
    DirectUpload.objects.create(
        event=event, uploader=uploader, folder=folder, upload_id="u", name="a.jpg", byte_size=1
    )
    building = EventIndex.objects.create(
        event=event, kind="local", name="next", state="building", model_version="next"
    )
    scanned = Photo.objects.filter(event=event, scans__state="done")
    for photo in scanned:
        PhotoScan.objects.create(photo=photo, event=event, index_name=building.name)
    StoredObjectRemoval.objects.create(folder="photos/1/4567")
