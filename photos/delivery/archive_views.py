"""The server's archives, for browsers without JavaScript, and the page that waits for one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from events.access import member_required, user_of
from events.models import Event
from photos import audience
from photos.delivery import bundles, downloads, ranges, serving, turns
from photos.delivery.downloads import PhotoFile, PhotoGone, Size
from photos.delivery.outgoing import Busy
from photos.models import Photo
from photos.store.faults import StoreUnavailable

logger = logging.getLogger(__name__)


def archive(
    request: HttpRequest, event: Event, files: Sequence[PhotoFile], *, size: Size, name: str
) -> HttpResponseBase:
    """These photos as a ZIP, or the way to the page that waits for it. One query more."""
    waiting = turns.ahead()
    if not waiting:
        with suppress(Busy):
            return _made(request, event, files, size=size, name=name)
    wish = turns.begin(files, size, name)
    logger.info("archive_waits event=%s turn=%s ahead=%s", event.pk, wish.turn, waiting)
    return HttpResponseRedirect(wish.address(event, user_of(request)))


@require_GET
@never_cache
@member_required
def packed(request: HttpRequest, event: Event) -> HttpResponseBase:
    """What the page waits for, once it is its turn; before, the page, which asks again."""
    wish = turns.wish_of(request, event)
    if wish is None:
        messages.error(request, _("Please choose your photos once more."))
        return HttpResponseRedirect(event.get_absolute_url())
    if wish.size not in downloads.allowed_sizes(event):
        raise PermissionDenied
    ahead = turns.ahead(wish.turn)
    if not ahead:
        viewer = audience.of(request, event)
        photos = Photo.objects.in_event(event).visible_to(viewer).filter(pk__in=wish.photo_ids)
        files = downloads.files(photos, event, wish.size)
        with suppress(Busy):
            answer = _made(request, event, files, size=wish.size, name=wish.name)
            turns.end(wish.turn)
            return answer
    seconds = turns.keep(wish.turn, ahead)
    address = wish.address(event, user_of(request))
    context = {"event": event, "ahead": ahead, "seconds": seconds, "address": address}
    return render(request, "photos/delivery/packing.html", context)


def _made(
    request: HttpRequest, event: Event, files: Sequence[PhotoFile], *, size: Size, name: str
) -> HttpResponseBase:
    """Raises `Busy`."""
    try:
        content = bundles.made(event, files, audience.of(request, event))
    except PhotoGone as error:
        raise Http404 from error
    except StoreUnavailable as error:
        return serving.unavailable(error)
    downloads.record(event=event, user=user_of(request), photos=len(files), size=size)
    answer = ranges.answer(content, None, content.length, "application/zip")
    del answer["Accept-Ranges"]  # it is made anew each time
    return serving.as_file(answer, f"{name}.zip", "private, no-store")
