"""What the viewer says below a photo: when it was taken, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from events.models import Event
from photos.gallery import timeline
from photos.models import Photo
from photos.querysets import Shown


class Captions(TypedDict):
    """Of a page's photos, for its script: a photographer's name is there once for all of theirs."""

    names: dict[str, str]
    photos: dict[str, tuple[str, str]]


def of_page(event: Event, photos: Sequence[Photo | Shown]) -> Captions:
    """By photo: when, in few words, and whose. In the active time zone; one query."""
    names = {one.key: one.name for one in timeline.photographers(event)}
    said = {}
    used = {}
    for photo in photos:
        moment = timezone.localtime(photo.taken_at)
        by = str(photo.uploader_id)
        if by in names:
            used[by] = names[by]
        said[str(photo.pk)] = (
            date_format(moment, gettext("D j M, H:i")),
            by if by in names else "",
        )
    return {"names": used, "photos": said}


def photographer_of(event: Event, photo: Photo) -> str:
    """Whose photo it is; empty where it is not said, as for guests'. One query."""
    found = timeline.photographers(event)
    return next((one.name for one in found if one.user.pk == photo.uploader_id), "")
