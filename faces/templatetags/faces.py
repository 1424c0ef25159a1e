"""What pages of other rooms show of faces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django import template
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from events.access import SEEING_ALL, user_of
from events.models import Event, User
from faces.desk import progress
from faces.desk.progress import DeskProgress
from faces.guest import children, face_boxes, people
from faces.models import FaceMatch, PhotoScan, Rematch
from findme.language import current_language
from findme.refusals import words_of
from photos.gallery import alternatives, tiles
from photos.models import Photo
from photos.querysets import Shown

register = template.Library()


@register.simple_tag
def photos_with(user: User | AnonymousUser, event: Event, photos: Sequence[Shown]) -> set[int]:
    """Ids of those photos of a gallery page that the guest is in. At most one query."""
    return FaceMatch.objects.of(user).in_event(event).photo_ids(photos)


@register.simple_tag
def people_in(photos: Iterable[Shown]) -> dict[int, int]:
    """How many people are in each photo of a gallery page. One query."""
    return people.counts(photos)


@register.simple_tag
def alternative(
    user: User | AnonymousUser, event: Event, photo: Photo, child: str | None = ""
) -> str:
    """The alternative text of a photo that stands alone, as the galleries have it. Two queries."""
    moment = timezone.localtime(photo.taken_at, event.zone)
    day = tiles.day_label(moment.date(), event)
    return alternatives.sentence(
        alternatives.moment(
            current_language(),
            day,
            moment.hour,
            moment.minute,
            is_known=photo.has_capture_time,
        ),
        has_you=FaceMatch.objects.of(user).counting().filter(photo=photo).exists(),
        people=people.counts([photo]).get(photo.pk, 0),
        child=child or "",
    )


@register.simple_tag
def children_here(request: HttpRequest, event: Event) -> QuerySet[User]:
    """The children that a guest looks for in an event. One query."""
    return children.of(user_of(request), event)


@register.simple_tag
def desk_progress(event: Event) -> DeskProgress:
    """How far an event is, for its organizers."""
    return progress.of_event(event)


@register.simple_tag
def rematch_of(event: Event) -> Rematch | None:
    """How far matching everybody anew is, while that is under way. One look into an index."""
    return Rematch.objects.of(event).first()


@register.simple_tag
def scans_of(photos: Iterable[Photo]) -> dict[int, PhotoScan]:
    """The scans of a page of photos, by photo. One query."""
    scans = PhotoScan.objects.current().filter(photo_id__in=[photo.pk for photo in photos])
    return {scan.photo_id: scan for scan in scans}


@register.filter
def of_photo(scans: dict[int, PhotoScan], photo: Photo) -> PhotoScan | None:
    return scans.get(photo.pk)


@register.simple_tag
def failure_reason(photo: Photo, scan: PhotoScan | None) -> str:
    """Why a photo could not be prepared, or looked at, in words."""
    return words_of(photo.failure_code or (scan.failure_code if scan else ""))


@register.simple_tag
def faces_of(
    user: User | AnonymousUser, event: Event, photo: Photo, chosen: str
) -> dict[str, object]:
    """The faces of a photo as places to tap, and how the guest stands to it."""
    return face_boxes.of_photo(user, event, photo, chosen) if isinstance(user, User) else {}


@register.simple_tag
def own_photo_counts(user: User, events: Iterable[Event]) -> dict[int, int]:
    """Numbers of the guest's own photos that they see, by id of event. One query for all."""
    sees_all = Event.objects.with_role(user, *SEEING_ALL)
    theirs = Photo.objects.visible().filter(Q(published=True) | Q(event__in=sees_all.values("pk")))
    visible = FaceMatch.objects.of(user).counting().filter(photo__in=theirs)
    counts = visible.filter(event__in=[event.pk for event in events])
    return dict(counts.values_list("event_id").annotate(Count("pk")).order_by())
