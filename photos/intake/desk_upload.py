"""Taking photos in at the organizers' desk: the page, and what its script asks.

The script (static/photos/intake/upload/) hashes every file, asks which hashes are new, and sends
those, one a request. Without it the page is a form that sends everything at once.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial, wraps
from io import BytesIO
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast
from urllib.parse import unquote

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from events.access import event_to_upload_to, is_organizer, user_of
from events.desk import guard, naming
from events.models import Event, User
from findme.http import BadJson, read_json, refusal_response, wants_json
from findme.refusals import Refusal
from findme.serving.bodies import body_file, takes_files
from photos import sections
from photos.imaging import foreign, formats
from photos.intake import archives, desk_upload_texts, direct_upload, ingest
from photos.intake.archives import Source, UnusableArchive
from photos.intake.outcomes import Outcome, UploadSummary
from photos.models import Photo
from photos.store.contract import CHUNK, Content
from photos.store.faults import StoreUnavailable, as_store_unavailable

logger = logging.getLogger(__name__)

# The plain form takes no larger archive: its answer comes only when all is done, and this is about
# ten seconds of work.
FORM_ARCHIVE_ENTRIES = 300
HASHES_PER_QUESTION = 500
SHA256 = re.compile(r"[0-9a-f]{64}")


def answers_in_json(
    view: Callable[[HttpRequest, Event], HttpResponseBase],
) -> Callable[[HttpRequest, int], HttpResponseBase]:
    """For scripts: 401 where the session ended, or has more to show, instead of a page that they
    could not read."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, event_id: int) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _refusal(request, "signed_out", 401)
        try:
            event = event_to_upload_to(request.user, event_id)
        except PermissionDenied:
            return _refusal(request, "not_allowed", 403)
        except Http404:
            return _refusal(request, "unknown_event", 404)
        if guard.locked(request):
            return _refusal(request, "signed_out", 401)
        return view(request, event)

    return guarded


@takes_files(lambda: int(settings.DESK_FORM_MAX_BYTES), code="too_much_at_once")
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, event_id: int) -> HttpResponse:
    """The page; and for browsers without JavaScript, any number of files at once."""
    event = event_to_upload_to(request.user, event_id)
    summary = None
    if request.method == "POST":
        summary = _take_in(event, request.FILES.getlist("photos"), user_of(request))
        if wants_json(request):
            return JsonResponse(asdict(summary))
    event = Event.objects.with_namesakes(user_of(request)).get(pk=event.pk)
    context = admin.site.each_context(request) | {
        "title": _("Upload photos"),
        "subtitle": naming.told_apart(event),
        "event": event,
        "organizes": is_organizer(request.user, event),
        "is_open": event.is_open(timezone.now()),
        "summary": summary,
        "texts": desk_upload_texts.texts(),
        "direct_url": _direct_url(event),
        "accepted_types": formats.ACCEPTED,
        "format_names": get_text_list([known.name for known in formats.FORMATS.values()]),
        "format_starts": formats.starts() | {"others": foreign.kinds()},
        "max_bytes": settings.PHOTO_MAX_BYTES,
        "signed_in_again": "signed_in" in request.GET,
        "login_url": f"{reverse('admin:login')}?next={request.path}%3Fsigned_in",
        "opts": Photo._meta,
        # The address is that of `faces`, which knows how far the scans are.
        "progress_url": reverse("admin:photos_photo_progress", args=[event.pk]),
    }
    return render(request, "photos/intake/upload.html", context)


@answers_in_json
@require_POST
def known(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Which of the hashes in `{"sha256": [...]}` the event has already. One query. What is in the
    bin is not named: sent again, it is taken out."""
    try:
        hashes = read_json(request)["sha256"]
        valid = len(hashes) <= HASHES_PER_QUESTION and all(map(SHA256.fullmatch, hashes))
    except (BadJson, TypeError, KeyError):
        valid = False
    if not valid:
        return refusal_response("bad_request", status=400)
    found = Photo.objects.in_event(event).kept().filter(sha256__in=hashes)
    return JsonResponse(
        {
            "known": list(found.values_list("sha256", flat=True)),
            "open": event.is_open(timezone.now()),
        }
    )


@takes_files(lambda: 2 * int(settings.PHOTO_MAX_BYTES), code="too_large")
@answers_in_json
@require_POST
def receive(request: HttpRequest, event: Event) -> HttpResponseBase:
    """One file, as the body of the request. 200, and its `state`: accepted, known or refused.

    Not as a form, whose parts would have to be taken apart. A refusal is no failed request: the
    file arrived, and nobody should send it again.
    """
    name = unquote(request.headers.get("X-File-Name", ""))
    if "X-Bucket-Unreachable" in request.headers:
        logger.warning("direct_upload_bypassed event=%s", event.pk)
    try:
        with _body(request) as data:
            taken = ingest.ingest(event=event, data=data, name=name, uploader=user_of(request))
        if taken.is_new:
            _file_under(request, taken.photo)
    except UnreadablePostError:
        return refusal_response("broken_off", status=400)
    except StoreUnavailable as error:
        # The script says why, and sends it again.
        return refusal_response(error.code, status=503)
    except Refusal as error:
        return refusal_response(error.code, status=200, state=Outcome.REFUSED)
    return JsonResponse({"state": taken.outcome})


def _file_under(request: HttpRequest, photo: Photo) -> None:
    """Into the section that the script names after a folder. A photographer makes none."""
    section = unquote(request.headers.get("X-Section", ""))
    if section:
        may_make = is_organizer(request.user, photo.event)
        sections.file_under(photo, section, by=request.user, may_make=may_make)


def _direct_url(event: Event) -> str:
    """Where the script asks to send files straight to the bucket; nothing where it may not."""
    return reverse("direct", args=[event.slug]).rstrip("/") if direct_upload.is_offered() else ""


@contextmanager
def _body(request: HttpRequest) -> Iterator[Content]:
    """The bytes sent; large ones in the server's own file, or copied into one of ours, then one
    more than allowed at most.

    Raises `UnreadablePostError` where the sender went away, and `StoreUnavailable`.
    """
    kept = body_file(request)
    if kept is not None and not isinstance(kept, BytesIO):
        yield kept
        return
    announced = int(request.META.get("CONTENT_LENGTH") or 0)
    expected = min(announced, settings.PHOTO_MAX_BYTES + 1)
    if expected <= settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
        data = request.read(expected)
        if len(data) < expected:
            raise UnreadablePostError
        yield data
        return
    with TemporaryFile() as spool:
        _copy(request, spool, expected)
        yield spool


def _copy(request: HttpRequest, spool: BinaryIO, expected: int) -> None:
    with as_store_unavailable():
        while missing := expected - spool.tell():
            piece = request.read(min(missing, CHUNK))
            if not piece:
                raise UnreadablePostError
            spool.write(piece)


def _refusal(request: HttpRequest, code: str, status: int) -> JsonResponse:
    """An answer that arrives: a browser that is still sending would only see a broken connection,
    so what it sends is read to its end, a little at a time."""
    try:
        while request.read(2**16):
            pass
    except (UnreadablePostError, RawPostDataException):
        status = 400
    return refusal_response(code, status=status)


def _take_in(event: Event, files: list[UploadedFile[Any]], user: User) -> UploadSummary:
    summary = UploadSummary()
    if not files:
        summary.refuse("", "no_file")
    for label, read in (each for file in files for each in _contents(file, event)):
        name = ingest.clean_name(label)
        try:
            taken = ingest.ingest(event=event, data=read(), name=name, uploader=user)
        except Refusal as error:
            summary.refuse(name, error.code)
        else:
            summary.take(name, is_new=taken.is_accepted)
    return summary


def _contents(file: UploadedFile[Any], event: Event) -> Iterator[tuple[str, Callable[[], Content]]]:
    """Names, and how to read them: the file itself, or what is in an archive."""
    name = file.name or ""
    if not archives.is_archive(name):
        yield name, partial(_content, file)
        return
    for source in _sources(file, name):
        yield source.name, partial(ingest.read, source, event)


def _content(file: UploadedFile[Any]) -> Content:
    """Small files are in memory already; large ones stay on disk."""
    if isinstance(file, InMemoryUploadedFile):
        return bytes(file.read())
    return cast(BinaryIO, file.file)


def _sources(file: UploadedFile[Any], name: str) -> list[Source]:
    try:
        found = list(archives.entries(file, name))
        if len(found) > FORM_ARCHIVE_ENTRIES:
            raise UnusableArchive("archive_too_large")
    except UnusableArchive as error:
        return [archives.refused(name, error)]
    return found
