"""What pages show of downloads, and of the photos that a guest marked."""

from __future__ import annotations

from django import template
from django.contrib.auth.models import AnonymousUser

from events.models import Event, User
from photos.delivery import downloads
from photos.delivery.downloads import Size
from photos.models import Favourite, Photo

register = template.Library()


@register.simple_tag
def is_favourite(user: User | AnonymousUser, photo: Photo) -> bool:
    return Favourite.objects.of(user).filter(photo=photo).exists()


@register.filter
def download_sizes(event: Event) -> list[Size]:
    """The sizes in which guests may download, the largest first."""
    return downloads.allowed_sizes(event)
