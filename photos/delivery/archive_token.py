"""What an archive's script says of the photos it fetches: that the download is recorded already."""

from __future__ import annotations

import hashlib

from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest

from events.access import user_of
from events.models import Event, User

# A phone may take a night for thousands of photos; afterwards each counts by itself again.
SECONDS = 24 * 60 * 60
_signer = signing.TimestampSigner(salt="photos.archive")


def issued(event: Event, user: User) -> str:
    return _signer.sign(f"{event.pk}-{user.pk}").partition(":")[2]


def is_given(request: HttpRequest, event: Event) -> bool:
    """Whether the request is for a photo of an archive of this guest in this event."""
    token = f"{event.pk}-{user_of(request).pk}:{request.GET.get('archive', '')}"
    try:
        _signer.unsign(token, max_age=SECONDS)
    except signing.BadSignature:
        return False
    return True


def is_new(request: HttpRequest, event: Event) -> bool:
    """Whether this list is asked for the first time: a script whose answer broke off asks again,
    and names both by the same word."""
    word = request.POST.get("once", "")
    digest = hashlib.sha256(word.encode()).hexdigest()[:32]
    key = f"archive:{event.pk}:{user_of(request).pk}:{digest}"
    return not word or bool(cache.add(key, True, SECONDS))
