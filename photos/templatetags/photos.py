"""Addresses, sizes and covers of photos, for templates."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from typing import cast

from django import template
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.safestring import SafeString

from events.access import SEEING_ALL
from events.models import Event, User
from findme import space
from photos import querysets
from photos.audience import Audience
from photos.delivery.addresses import Kind, Pictures
from photos.desk import hide_requests, moderation, publishing
from photos.gallery import alternatives, invitation, timeline
from photos.gallery import covers as chosen
from photos.gallery.covers import Shown
from photos.gallery.invitation import Invitation
from photos.gallery.tiles import Tile, printed, shape
from photos.imaging import renditions
from photos.intake import batches
from photos.intake.batches import Unfinished
from photos.models import HideRequest, Photo

register = template.Library()


@register.simple_tag
def picture(event: Event, photo: Photo, kind: Kind) -> str:
    """The address of one of a photo's pictures."""
    return Pictures(event).shown_url(photo, kind)


@register.filter
def when(photo: Photo) -> str:
    """When it was taken, or added where nobody knows that."""
    return alternatives.when(photo)


@register.simple_tag
def longest_sides() -> dict[str, int]:
    """The longest side of each rendition, in pixels."""
    return {
        "thumbnail": renditions.THUMBNAIL_SIDE,
        "medium": renditions.MEDIUM_SIDE,
        "preview": renditions.PREVIEW_SIDE,
    }


@register.simple_tag
def space_for_photos() -> int | None:
    """How many bytes may still come in, where that is little; None: enough."""
    return space.left()


@register.simple_tag
def covers(events: Iterable[Event]) -> dict[int, Shown]:
    """What stands for each event that has photos, by event id. Three queries."""
    return chosen.covers_of(list(events))


@register.simple_tag
def invitation_to(event: Event) -> Invitation | None:
    """What the invitation shows of the event's cover; None: it has none yet.

    Kept with the event: the page's head and its body both say it, and share no variables.
    """
    if not hasattr(event, "invitation"):
        setattr(event, "invitation", invitation.to(event))  # noqa: B010 (no field of it)
    return cast(Invitation | None, getattr(event, "invitation"))  # noqa: B009


@register.simple_tag
def printed_tiles(
    tiles: Iterable[Tile],
    mine: Container[int] | None,
    people: Mapping[int, int] | None,
    child: str | None,
) -> SafeString:
    """`mine` is None in a gallery that has nothing but what the guest is in."""
    return printed(tiles, None if mine is None else mine or (), people=people, child=child or "")


@register.filter
def shape_class(photo: Photo) -> str:
    """The style sheet's name of a photo's shape: its room is there before the picture is."""
    return shape("general", photo.width, photo.height).name


@register.simple_tag
def captions_of(
    event: Event, photos: Sequence[querysets.Shown], audience: Audience
) -> timeline.Captions:
    """What the viewer says of a page's photos. One query."""
    return timeline.captions(event, photos, audience)


@register.simple_tag
def photographer_of(event: Event, photo: Photo, audience: Audience) -> str:
    return timeline.photographer_of(event, photo, audience)


@register.filter
def of(mapping: dict[int, object], key: int) -> object:
    """Look an id up in a dictionary, which templates cannot do themselves."""
    return mapping.get(key)


@register.simple_tag
def hiding_of(user: AbstractBaseUser | AnonymousUser, photo: Photo) -> HideRequest | None:
    """What the guest asked about a photo that they do not want shown, and what came of it."""
    return HideRequest.objects.of(user).filter(photo=photo).first()


@register.simple_tag
def hidings_of(user: AbstractBaseUser | AnonymousUser) -> list[HideRequest]:
    """All of a guest's, the newest first."""
    own = HideRequest.objects.of(user).with_photos().select_related("event")
    return list(own.filter(event__in=Event.objects.kept()).order_by("-asked_at", "-pk"))


@register.simple_tag
def seeing_general(user: User, events: Collection[Event]) -> set[int]:
    """Ids of those events of which the user sees all under General. At most one query."""
    now = timezone.now()
    found = {event.pk for event in events if event.is_general_open(now)}
    if len(found) < len(events):
        found.update(Event.objects.with_role(user, *SEEING_ALL).values_list("pk", flat=True))
    return found


@register.simple_tag
def photos_to_publish(event: Event) -> int:
    return publishing.waiting_count(event)


@register.simple_tag
def are_being_chosen(event: Event) -> bool:
    """Whether photos are there that guests do not see yet. One look into an index."""
    return publishing.waiting(event).exists()


@register.simple_tag
def photos_to_approve(event: Event) -> int:
    return moderation.waiting_count(event)


@register.simple_tag
def unfinished_uploads(event: Event) -> list[Unfinished]:
    """What browsers began to send to an event, and have not ended. One query."""
    return batches.unfinished(event)


@register.simple_tag
def may_forget_upload(
    user: AbstractBaseUser | AnonymousUser, event: Event, batch: Unfinished
) -> bool:
    return batches.may_forget(user, event, batch)


@register.simple_tag
def waiting_requests(event: Event) -> int:
    return hide_requests.waiting_count(event)
