"""The General gallery, one photo, and the pictures' bytes: for members only."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from events.access import is_organizer, member_required
from events.models import Event
from photos import download_views, galleries, media, upload_views
from photos.downloads import Size
from photos.models import Photo
from photos.querysets import PhotoQuerySet


@require_safe
@member_required
def general(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Every visible photo of the event. Queries: session, user, event, count, page, own matches."""
    photos = Photo.objects.in_event(event).visible()
    context = {
        "event": event,
        "page": galleries.page(
            photos,
            before=request.GET.get("before", ""),
            after=request.GET.get("after", ""),
        ),
        "photo_count": photos.count(),
    }
    return render(request, "photos/general.html", context)


@require_safe
@member_required
def photo(request: HttpRequest, event: Event, photo_id: int) -> HttpResponseBase:
    """One photo, large, with its neighbours in the General gallery."""
    photos = Photo.objects.in_event(event).visible()
    return photo_page(request, event, photos, photo_id, gallery="general")


def photo_page(
    request: HttpRequest, event: Event, photos: PhotoQuerySet, photo_id: int, *, gallery: str
) -> HttpResponse:
    """The page of one of `photos`; 404 where it is not among them."""
    shown = get_object_or_404(photos, pk=photo_id)
    newer, older = galleries.neighbours(photos, shown)
    context = {
        "event": event,
        "photo": shown,
        "newer": newer,
        "older": older,
        "gallery": gallery,
        "download_url": _download_url(event, shown),
    }
    return render(request, "photos/photo.html", context)


@require_safe
@member_required
def thumbnail(request: HttpRequest, event: Event, photo_id: int) -> HttpResponseBase:
    return _serve(request, event, photo_id, "thumbnail")


@require_safe
@member_required
def preview(request: HttpRequest, event: Event, photo_id: int) -> HttpResponseBase:
    if "download" in request.GET:
        download_views.require_downloads(event)
        return download_views.one_photo(request, event, photo_id, size=Size.WEB)
    return _serve(request, event, photo_id, "preview")


@require_safe
@member_required
def original(request: HttpRequest, event: Event, photo_id: int) -> HttpResponseBase:
    """To organizers the file as it was uploaded; to guests, where it is allowed, stripped."""
    if is_organizer(request.user, event):
        return _serve(request, event, photo_id, "original")
    if event.downloads != Event.Downloads.ORIGINAL:
        raise Http404
    return download_views.one_photo(request, event, photo_id, size=Size.ORIGINAL)


def _download_url(event: Event, photo: Photo) -> str | None:
    match event.downloads:
        case Event.Downloads.ORIGINAL:
            return reverse("original", args=[event.slug, photo.pk])
        case Event.Downloads.WEB:
            return reverse("preview", args=[event.slug, photo.pk]) + "?download"
        case _:
            return None


def _serve(request: HttpRequest, event: Event, photo_id: int, kind: str) -> HttpResponse:
    """A picture's bytes, or 304. The bytes are read only when they are sent."""
    found = get_object_or_404(Photo.objects.in_event(event), pk=photo_id)
    may_see = found.is_visible or upload_views.is_own_upload(request, found)
    if not may_see and not is_organizer(request.user, event):
        raise Http404
    etag = quote_etag(f"{found.sha256[:32]}-{kind}")
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = media.response(found, kind, download="download" in request.GET)
    response["ETag"] = etag
    # Private: shared caches must not hold it. Long: a photo's bytes never change.
    response["Cache-Control"] = "private, max-age=2592000"
    return response
