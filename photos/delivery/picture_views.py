"""A photo's pictures as pages show them, and its original: for members only."""

from __future__ import annotations

from functools import cache

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from events.access import is_organizer, joined_event, may_use, member_required, user_of
from events.desk import guard
from events.entrance import proof
from events.models import Event, User
from events.visits import Part
from findme.compiled_query import CompiledQuery
from findme.http import not_modified
from findme.serving import shortcuts
from photos import audience
from photos.delivery import addresses, negotiation, serving
from photos.models import Photo
from photos.querysets import PhotoQuerySet
from photos.store.contract import DATABASE

PICTURE = Part(
    "photos_picture(visit.event, (visit.account).id, %(photo)s, %(kind)s, %(with_bytes)s)",
    ("sha256", "name", "store", "bytes", "published", "is_shown", "is_upload"),
)
# Digits of what is no photo's id, and is told so by the view.
LONGEST_ID = 19


@require_safe
@login_required
def thumbnail(request: HttpRequest, slug: str, photo_id: int) -> HttpResponseBase:
    return _rendition(request, slug, photo_id, "thumbnail")


@require_safe
@login_required
def medium(request: HttpRequest, slug: str, photo_id: int) -> HttpResponseBase:
    return _rendition(request, slug, photo_id, "medium")


@require_safe
@login_required
def preview(request: HttpRequest, slug: str, photo_id: int) -> HttpResponseBase:
    return _rendition(request, slug, photo_id, "preview")


@require_safe
@member_required
def original(request: HttpRequest, event: Event, photo_id: int) -> HttpResponseBase:
    """The file as it was uploaded, with place and serial numbers: for organizers only, to whom the
    desk would open.

    What guests take home is at `download`.
    """
    if not is_organizer(request.user, event) or audience.of(request, event).as_guest:
        raise Http404
    if first := guard.locked(request):
        return first
    found = get_object_or_404(Photo.objects.in_event(event).kept(), pk=photo_id)
    return serving.response(found, "original", request)


@cache
def _to_send(kind: str, *, with_bytes: bool) -> CompiledQuery[Photo]:
    """A query for one picture, by a member's id, an event's slug and a photo's id."""

    def build(user_id: int, slug: str, photo_id: int) -> PhotoQuerySet:
        photos = Photo.objects.for_member(User(pk=user_id), slug).kept().filter(pk=photo_id)
        return photos.to_send(kind, with_bytes=with_bytes)

    return CompiledQuery(build, int, str, int)


def on_a_short_way(
    request: HttpRequest, slug: str, photo_id: str, kind: str
) -> HttpResponseBase | None:
    """A picture that its guest may see and the database has, or 304: all in one query. What is in a
    bucket, not theirs or nobody's, the views say, and what has to be made a JPEG first."""
    if len(photo_id) >= LONGEST_ID or negotiation.wants_jpeg(request, kind):
        return None
    wants_bytes = "If-None-Match" not in request.headers
    visitor = proof.visitor(
        request, slug, PICTURE, photo=int(photo_id), kind=kind, with_bytes=wants_bytes
    )
    if visitor is None:
        return None
    found = visitor.more
    if found["store"] != DATABASE or (wants_bytes and found["bytes"] is None):
        return None
    standing = {name: found[name] for name in ("published", "is_shown", "is_upload")}
    if not audience.of(request, visitor.event).may_see(**standing):
        return None
    etag = serving.etag_of(found["sha256"], kind)
    answer = not_modified(request, etag)
    if answer is None and wants_bytes:
        kept_as = negotiation.content_type(found["bytes"])
        answer = HttpResponse(found["bytes"], content_type=kept_as)
        answer["Content-Length"] = str(len(found["bytes"]))
    disposition = addresses.rendition_disposition(found["name"], kind)
    return answer and serving.kept(answer, etag, kind, disposition)


def _rendition(request: HttpRequest, slug: str, photo_id: int, kind: str) -> HttpResponseBase:
    """A picture's bytes, or its signed address, or 304.

    A gallery asks for hundreds: membership, photo and bytes are one query beside session and user.
    """
    # A browser that names the version it has is unlikely to need the bytes.
    wanted = _to_send(kind, with_bytes="If-None-Match" not in request.headers)
    user = user_of(request)
    found = wanted.first(user.pk, slug, photo_id)
    if found is None or not may_use(user, found.event_id):
        raise Http404
    event = joined_event(request, user, slug) or found.event
    if not _may_see(request, event, found) and not _shows_hidden(request, event):
        raise Http404
    return serving.response(found, kind, request)


def _may_see(request: HttpRequest, event: Event, photo: Photo) -> bool:
    """At most one query, where General is not open and the photo no highlight."""
    viewer = audience.of(request, event)
    if not photo.is_visible:
        return photo.is_moderated_upload_of(viewer.user_id)
    is_upload = photo.uploader_id == viewer.user_id
    if viewer.may_see(published=photo.published, is_shown=photo.highlight, is_upload=is_upload):
        return True
    return Photo.objects.filter(pk=photo.pk).visible_to(viewer).exists()


def _shows_hidden(request: HttpRequest, event: Event) -> bool:
    """What the desk alone shows, it shows to whom it would open, unless they look as a guest."""
    is_at_desk = is_organizer(request.user, event) and not guard.is_locked(request)
    return is_at_desk and not audience.of(request, event).as_guest


shortcuts.register(r"photos/(\d+)/(thumbnail|medium|preview)\.jpg", on_a_short_way)
