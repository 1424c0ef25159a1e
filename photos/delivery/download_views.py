"""Taking photos home: one, or many that a gallery names. For members, in the allowed sizes."""

from __future__ import annotations

import logging
import re
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.access import member_required, user_of
from events.models import Event
from findme.http import back, unless_known, wants_json
from photos import audience
from photos.delivery import archive_token, archive_views, bundles, downloads, ranges, serving
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
    """A photo that this guest may see, as a file. The caller has checked the size."""
    viewer = audience.of(request, event)
    photos = Photo.objects.in_event(event).visible_to(viewer).filter(pk=photo_id)
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
    return serving.as_file(answer, file.name, "private, no-cache")


def _sent(request: HttpRequest, event: Event, file: PhotoFile) -> HttpResponseBase:
    if request.method == "HEAD":
        if file.length is None:  # to know it, the whole photo would have to be read
            return StreamingHttpResponse((), content_type=file.content_type)
        return ranges.head(file.length, file.content_type)
    content = downloads.opened(file, event, audience.of(request, event))
    try:
        part = ranges.asked_for(request, content.length, file.etag)
    except ranges.Unsatisfiable:
        content.close()
        return ranges.unsatisfiable(content.length)
    if part is not None:
        content.part = part
    # Later parts are of a download that is recorded already, photos of an archive with it.
    if content.part.start == 0 and not archive_token.is_given(request, event):
        downloads.record(event=event, user=user_of(request), photos=1, size=file.size)
    return ranges.answer(content, part, content.length, file.content_type)


def all_photos(
    request: HttpRequest, event: Event, photos: PhotoQuerySet, *, name: str
) -> HttpResponseBase:
    """Photos as a ZIP, or what a script needs to build it; a single one as itself."""
    size = wanted_size(request, event)
    files = downloads.files(photos, event, size)
    if wants_json(request):
        return _listed(request, event, files, size=size, name=name)
    if not files:
        messages.error(request, _("Please choose at least one photo first."))
        return back(request, otherwise=event.get_absolute_url())
    if len(files) == 1:
        return one_photo(request, event, files[0].photo_id, size=size)
    parts = bundles.parts(files)
    if len(parts) > 1:
        context = {"event": event, "parts": parts, "size": size}
        return render(request, "photos/delivery/parts.html", context)
    number = re.sub(r"\D", "", request.POST.get("part", ""))[:4]
    return archive_views.archive(
        request, event, files, size=size, name=f"{name}-{number}".strip("-")
    )


def _listed(
    request: HttpRequest, event: Event, files: list[PhotoFile], *, size: Size, name: str
) -> JsonResponse:
    """Names, lengths and addresses, for the script that fetches them one by one.

    It is recorded here, once; the addresses say so.
    """
    query = {"size": size.value}
    if len(files) > 1:
        if archive_token.is_new(request, event):
            downloads.record(event=event, user=user_of(request), photos=len(files), size=size)
        query["archive"] = archive_token.issued(event, user_of(request))
    address = reverse("download", args=[event.slug, 0])
    photos = [[file.photo_id, file.name, file.about] for file in files]
    answer = {"name": name, "address": f"{address}?{urlencode(query)}", "photos": photos}
    return JsonResponse(answer, headers={"Cache-Control": "private, no-store"})
