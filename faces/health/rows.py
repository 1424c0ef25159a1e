"""What rows say twice, they say the same: events, times, faces."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Model, OuterRef, QuerySet, Subquery

from faces.models import Face, FaceMatch, GuestModel, PhotoScan
from faces.querysets import FaceMatchQuerySet
from findme.diagnosis import Rule, broken
from photos.models import Photo


def _of_other_event(model: type[Model]) -> QuerySet[Model]:
    return model._default_manager.exclude(photo__event=F("event"))


def _follow_photos_event() -> int:
    event = Photo.objects.filter(pk=OuterRef("photo")).values("event")
    return sum(
        _of_other_event(model).update(event=Subquery(event))
        for model in (PhotoScan, Face, FaceMatch)
    )


def _at_other_time() -> FaceMatchQuerySet:
    return FaceMatch.objects.exclude(taken_at=F("photo__taken_at"))


def _follow_photos_time() -> int:
    taken = Photo.objects.filter(pk=OuterRef("photo")).values("taken_at")
    return _at_other_time().update(taken_at=Subquery(taken))


def _of_face_elsewhere() -> FaceMatchQuerySet:
    return FaceMatch.objects.filter(face__isnull=False).exclude(face__photo=F("photo"))


def _part_with_faces() -> int:
    """The match stays, and finds its face when its guest's model is made anew."""
    with transaction.atomic():
        wrong = _of_face_elsewhere()
        users = list(wrong.values_list("user", flat=True).distinct())
        count = wrong.update(face=None)
        GuestModel.objects.filter(user__in=users).mark_stale()
    return count


RULES = (
    Rule(
        "face_event_differs",
        "scans, faces and matches of another event than their photo's",
        "Counts and galleries are by event. --repair gives them to their photo's event.",
        lambda: broken(*map(_of_other_event, (PhotoScan, Face, FaceMatch))),
        _follow_photos_event,
        "rows given to their photo's event",
    ),
    Rule(
        "match_time_differs",
        "matches of another time than their photo's",
        "My Photos is in the order of matches. --repair sets them to the photo's time.",
        lambda: broken(_at_other_time()),
        _follow_photos_time,
        "times set",
    ),
    Rule(
        "match_face_differs",
        "matches with a face of another photo",
        "--repair parts them; the guests' models are made anew, and find the right ones.",
        lambda: broken(_of_face_elsewhere()),
        _part_with_faces,
        "matches parted from faces",
    ),
)
