"""The page where guests add photos, where the organizer allows it, and see what became of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from events.access import counted_as, member_required, user_of
from events.models import Event, User
from findme import limits
from findme.http import wants_json
from findme.refusals import Refusal
from findme.serving.bodies import takes_files
from photos.intake import guest_upload
from photos.intake.ingest import UploadNotAllowed, clean_name
from photos.intake.outcomes import UploadSummary

# Of the largest: without JavaScript all that a guest chose comes at once, and lies on our disk.
FORM_PHOTOS = 10


def _most_bytes() -> int:
    return FORM_PHOTOS * int(settings.PHOTO_MAX_BYTES)


@takes_files(_most_bytes, code="too_much_at_once")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_required
def uploads(request: HttpRequest, event: Event) -> HttpResponseBase:
    """Add photos; see the own ones, those that wait for approval too."""
    summary, status = None, 200
    if request.method == "POST":
        if not event.guest_uploads:
            raise PermissionDenied
        limits.demand(request, "guest_upload", key=counted_as(user_of(request)))
        summary = _take_in(event, user_of(request), request.FILES.getlist("photos"))
        if wants_json(request):
            return JsonResponse(asdict(summary))
        status = 422 if summary.refused and not summary.accepted else 200
    own = guest_upload.of_guest(event, user_of(request)).kept()
    if not event.guest_uploads and not own.exists():
        raise PermissionDenied
    context = {
        "event": event,
        "summary": summary,
        "own": own.newest_first(),
        "left": guest_upload.left(event, user_of(request)),
    }
    return render(request, "photos/intake/guest_uploads.html", context, status=status)


@require_POST
@member_required
def remove(request: HttpRequest, event: Event, photo_id: int) -> HttpResponse:
    """Remove an own upload; anybody else's does not exist here."""
    user = user_of(request)
    own = get_object_or_404(guest_upload.of_guest(event, user), pk=photo_id)
    guest_upload.remove(own, by=user)
    messages.success(request, _("The photo is removed, for everybody."))
    return redirect("uploads", slug=event.slug)


def _take_in(event: Event, user: User, files: list[UploadedFile[Any]]) -> UploadSummary:
    summary = UploadSummary()
    if not files:
        summary.refuse("", "no_file")
    for file in files:
        name = clean_name(file.name or "")
        try:
            taken = guest_upload.add(event=event, user=user, data=file.read(), name=name)
        except Refusal as error:
            summary.refuse(name, error.code)
            if isinstance(error, UploadNotAllowed):
                break  # the next one would not be taken either
        else:
            summary.take(name, is_new=taken.is_accepted)
    return summary
