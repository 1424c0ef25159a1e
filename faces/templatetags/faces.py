"""What pages of other rooms show of faces."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.contrib.auth.models import AnonymousUser

from events.models import User
from faces.models import FaceMatch
from photos.models import Photo

register = template.Library()


@register.simple_tag
def photos_with(user: User | AnonymousUser, photos: Iterable[Photo]) -> set[int]:
    """Ids of those photos that the guest is in. The gallery's second, separate query."""
    return FaceMatch.objects.of(user).photo_ids(photo.pk for photo in photos)
