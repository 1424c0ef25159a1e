"""What pages of other rooms show of faces."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count

from events.models import Event, User
from faces import face_boxes
from faces.models import FaceMatch
from photos.models import Photo

register = template.Library()


@register.simple_tag
def photos_with(user: User | AnonymousUser, photos: Iterable[Photo]) -> set[int]:
    """Ids of those photos that the guest is in. The gallery's second, separate query."""
    return FaceMatch.objects.of(user).photo_ids(photo.pk for photo in photos)


@register.simple_tag
def faces_of(
    user: User | AnonymousUser, event: Event, photo: Photo, chosen: str
) -> dict[str, object]:
    """The faces of a photo as places to tap, and how the guest stands to it."""
    return face_boxes.of_photo(user, event, photo, chosen) if isinstance(user, User) else {}


@register.simple_tag
def own_photo_counts(user: User, events: Iterable[Event]) -> dict[int, int]:
    """Numbers of the guest's own visible photos by id of event. One query for all of them."""
    visible = FaceMatch.objects.of(user).counting().filter(photo__in=Photo.objects.visible())
    counts = visible.filter(event__in=[event.pk for event in events])
    return dict(counts.values_list("event_id").annotate(Count("pk")).order_by())
