"""What a browser asks while it sends originals to the bucket: the protocol of Uppy's Companion.

`@uppy/aws-s3` speaks it: version 6 with `companionEndpoint`, version 5 with `endpoint` or with
functions of one's own. `docs/direct-upload.md` says what the page has to do. Of an error
Uppy reads the status alone and drops all text, so refusals have the shape they have everywhere.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events.access import may_upload, user_of
from events.desk import guard
from events.models import Event
from findme.http import BadJson, read_json, refusal_response
from findme.refusals import Refusal, code_and_reason
from photos.intake import direct_upload
from photos.models import DirectUpload
from photos.store.faults import StoreUnavailable
from photos.store.trial import reachable

logger = logging.getLogger(__name__)

DirectView = Callable[Concatenate[HttpRequest, Event, ...], HttpResponseBase]
HASH_LENGTH = 64


class BadRequest(Exception):
    """The request is not what the protocol says."""


class _Origin(CsrfViewMiddleware):
    def allows(self, request: HttpRequest) -> bool:
        """Whether a page of ours asks. Uppy sends no token; every browser sends the origin."""
        return "HTTP_ORIGIN" in request.META and self._origin_verified(request)  # type: ignore[attr-defined]


def uploader_required(view: DirectView) -> Callable[..., HttpResponseBase]:
    """The event, for those who may add photos, asked from our own pages. Errors are JSON."""

    @never_cache
    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return refusal_response("signed_out", status=401)
        event = _event(request, slug)
        if request.method not in ("GET", "HEAD") and not _origin.allows(request):
            raise PermissionDenied
        if guard.locked(request):
            return refusal_response("signed_out", status=401)
        if not direct_upload.is_offered():
            raise Http404
        try:
            return view(request, event, **kwargs)
        except StoreUnavailable as error:
            logger.warning("store_unavailable code=%s detail=%s", error.code, error.detail)
            return refusal_response(error.code, status=503)
        except Refusal as error:
            return refusal_response(error.code, status=422)
        except BadRequest as error:
            return refusal_response("bad_request", status=400, detail=str(error))

    return guarded


@require_safe
@uploader_required
def status(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Whether the bucket answers now, and if not, the reason in words."""
    reachable()
    return JsonResponse({"ready": True})


@require_POST
@uploader_required
def begin(request: HttpRequest, event: Event) -> HttpResponseBase:
    asked = _json(request)
    metadata = asked.get("metadata")
    upload = direct_upload.begin(
        event=event,
        uploader=user_of(request),
        name=_text(asked.get("filename")),
        byte_size=_number(metadata.get("size") if isinstance(metadata, dict) else None),
        sha256=_hash(metadata.get("sha256") if isinstance(metadata, dict) else None),
        section=_text((metadata.get("section") if isinstance(metadata, dict) else "") or ""),
    )
    return JsonResponse({"key": upload.folder, "uploadId": upload.upload_id, "bucket": ""})


@require_http_methods(["GET", "HEAD", "DELETE"])
@uploader_required
def parts_or_abort(request: HttpRequest, event: Event, upload_id: str) -> HttpResponseBase:
    """Which parts have arrived; or, with DELETE, give the upload up."""
    upload = _upload(request, event, upload_id)
    if request.method == "DELETE":
        direct_upload.abort(upload)
        return JsonResponse({})
    return JsonResponse(direct_upload.parts(upload), safe=False)


@require_safe
@uploader_required
def sign_part(request: HttpRequest, event: Event, upload_id: str, number: int) -> HttpResponseBase:
    upload = _upload(request, event, upload_id)
    return JsonResponse({"url": direct_upload.sign_part(upload, number), "method": "PUT"})


@require_POST
@uploader_required
def complete(request: HttpRequest, event: Event, upload_id: str) -> HttpResponseBase:
    """Look at the object. Refused or not, the answer is 200: the upload itself is over."""
    upload = _upload(request, event, upload_id)
    parts = _json(request).get("parts")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise BadRequest("parts: a list of PartNumber and ETag")
    named = [
        {"PartNumber": _number(part.get("PartNumber")), "ETag": _text(part.get("ETag"))}
        for part in parts
    ]
    return _outcome(
        direct_upload.complete(upload, sorted(named, key=lambda part: part["PartNumber"]))
    )


@require_safe
@uploader_required
def outcome(request: HttpRequest, event: Event) -> HttpResponseBase:
    """What became of an upload: Uppy's own answer to `complete` has no room for it."""
    return _outcome(_upload(request, event, None))


_origin = _Origin(lambda request: JsonResponse({}))


def _event(request: HttpRequest, slug: str) -> Event:
    """Outsiders get 404, guests 403."""
    event = get_object_or_404(Event, slug=slug)
    if may_upload(request.user, event):
        return event
    if Event.objects.joined_by(request.user).filter(pk=event.pk).exists():
        raise PermissionDenied
    raise Http404


def _upload(request: HttpRequest, event: Event, upload_id: str | None) -> DirectUpload:
    """The asker's own, named by its key and, while it lasts, by its id."""
    uploads = DirectUpload.objects.in_event(event).by(request.user).select_related("event")
    if upload_id is not None:
        uploads = uploads.filter(upload_id=_stored(upload_id))
    return get_object_or_404(uploads, folder=_stored(request.GET.get("key", "")))


def _outcome(upload: DirectUpload) -> JsonResponse:
    address = reverse("photo", args=[upload.event.slug, upload.photo_id]) if upload.photo_id else ""
    return JsonResponse(
        {
            "location": address,
            "key": upload.folder,
            "name": upload.name,
            "outcome": upload.outcome or "pending",
            "code": "",
            "reason": "",
            **(code_and_reason(upload.code) if upload.code else {}),
        }
    )


def _json(request: HttpRequest) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise BadRequest("application/json is expected")
    try:
        asked = read_json(request)
    except BadJson as error:
        raise BadRequest("this is no JSON") from error
    if not isinstance(asked, dict):
        raise BadRequest("an object is expected")
    return asked


def _number(value: object) -> int:
    """A count; browsers send metadata as text."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadRequest("a number is expected: metadata.size, PartNumber")
    return int(text)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadRequest("text is expected: filename, ETag")
    return value


def _hash(value: object) -> str:
    if value in (None, ""):
        return ""
    text = _text(value).lower()
    if len(text) != HASH_LENGTH or set(text) - set("0123456789abcdef"):
        raise BadRequest("metadata.sha256: 64 hexadecimal digits")
    return text


def _stored(text: str) -> str:
    """PostgreSQL has no zero characters in texts, so nothing is called so."""
    if "\0" in text:
        raise Http404
    return text
