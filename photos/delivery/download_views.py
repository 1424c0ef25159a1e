"""Taking photos home: one, or many that a gallery names. For members, in the allowed sizes."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.access import member_required, user_of
from events.models import Event
from findme.http import back, unless_known
from photos.delivery import downloads, ranges, serving
from photos.delivery.bundles import Bundle, Busy
from photos.delivery.downloads import PhotoFile, PhotoGone, Size
from photos.models import Photo
from photos.querysets import PhotoQuerySet
from photos.store.faults import StoreUnavailable

logger = logging.getLogger(__name__)


@require_safe
@member_required
def download(request: HttpRequest, event: Event, photo_id: int) -> HttpResponseBase:
    """One photo, in `?size=` or the largest allowed."""
    return one_photo(request, event, photo_id, size=wanted_size(request, event))


def wanted_size(request: HttpRequest, event: Event) -> Size:
    """The size asked for, or the largest. 403 where the organizer does not allow it, or none."""
    allowed = downloads.allowed_sizes(event)
    if not allowed:
        logger.info("download_refused code=not_allowed event=%s", event.pk)
        raise PermissionDenied
    asked = request.GET.get("size") or request.POST.get("size") or allowed[0]
    if asked not in allowed:
        logger.info("download_refused code=size_not_allowed event=%s", event.pk)
        raise PermissionDenied
    return Size(asked)


def one_photo(request: HttpRequest, event: Event, photo_id: int, *, size: Size) -> HttpResponseBase:
    """A visible photo as a file. The caller has checked the size."""
    photos = Photo.objects.in_event(event).visible().filter(pk=photo_id)
    found = downloads.files(photos, event, size)
    if not found:
        raise Http404
    file = found[0]
    try:
        answer = unless_known(request, file.etag, lambda: _sent(request, event, file))
    except PhotoGone as error:
        raise Http404 from error
    except StoreUnavailable as error:
        return serving.unavailable(error)
    # Asked for again each time: a photo that was hidden is gone, and what was allowed may not be.
    return _as_file(answer, file.name, "private, no-cache")


def _sent(request: HttpRequest, event: Event, file: PhotoFile) -> HttpResponseBase:
    if request.method == "HEAD":
        if file.length is None:  # to know it, the whole photo would have to be read
            return StreamingHttpResponse((), content_type=file.content_type)
        return ranges.answer((), None, file.length, file.content_type)
    content = downloads.opened(file, event)
    try:
        part = ranges.asked_for(request, content.length, file.etag)
    except ranges.Unsatisfiable:
        content.close()
        return ranges.unsatisfiable(content.length)
    if part is not None:
        content.part = part
    if content.part.start == 0:  # later parts are of a download that is recorded already
        downloads.record(event=event, user=user_of(request), photos=1, size=file.size)
    return ranges.answer(content, part, content.length, file.content_type)


def all_photos(
    request: HttpRequest, event: Event, photos: PhotoQuerySet, *, name: str
) -> HttpResponseBase:
    """Photos as a ZIP that is made while it is sent; a single one as itself."""
    size = wanted_size(request, event)
    files = downloads.files(photos, event, size)
    if not files:
        messages.error(request, _("Please choose at least one photo first."))
        return back(request, otherwise=event.get_absolute_url())
    if len(files) == 1:
        return one_photo(request, event, files[0].photo_id, size=size)
    try:
        bundle = Bundle(event, files)
    except Busy as error:
        logger.warning("download_refused code=%s event=%s", error.code, event.pk)
        messages.error(request, error.words)
        return back(request, otherwise=event.get_absolute_url())
    downloads.record(event=event, user=user_of(request), photos=len(files), size=size)
    response = StreamingHttpResponse(bundle, content_type="application/zip")
    # A proxy that collects the answer first would make the guest wait, and fill its disk.
    response["X-Accel-Buffering"] = "no"
    if bundle.length is not None:
        response["Content-Length"] = str(bundle.length)
    return _as_file(response, f"{name}.zip", "private, no-store")


def _as_file(response: HttpResponseBase, name: str, caching: str) -> HttpResponseBase:
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = caching
    return response
