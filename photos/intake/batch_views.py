"""How far an upload is: told by its script, and forgotten by whoever will not send the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from events.access import event_to_upload_to, user_of
from events.desk import registry
from events.models import Event
from findme.http import BadJson, back, read_json, refusal_response
from photos.intake import batches
from photos.intake.desk_upload import answers_in_json
from photos.models import UploadBatch

# Of one batch; the page makes several of a larger drop. So many numbers are 340 kB.
MOST_FILES = 20_000
MAX_BYTES = 2**19

registry.add_panel("photos/intake/_uploads_panel.html", position=-8)


@dataclass(frozen=True)
class Told:
    """What a page says: of a new batch how many files it has and which are `missing`, of one that
    it has told of before its id; and which files are settled since."""

    settled: list[int]
    files: int = 0
    missing: list[int] | None = None
    batch_id: int | None = None


@answers_in_json
@require_POST
def tell(request: HttpRequest, event: Event) -> HttpResponseBase:
    """First `{"files": 300, "missing": […], "settled": […]}`, which is answered `{"batch": 17}`, or
    null where nothing is missing; then `{"batch": 17, "settled": […]}`. Files are fingerprints."""
    try:
        told = _told(read_json(request, max_bytes=MAX_BYTES))
    except (BadJson, TypeError, KeyError):
        return refusal_response("bad_request", status=400)
    user, batch_id = user_of(request), told.batch_id
    if told.missing is not None:
        begun = batches.begin(
            event=event, user=user, files=told.files, missing=told.missing, settled=told.settled
        )
        batch_id = begun.pk if begun else None
    elif batch_id is not None:
        batches.hear(event=event, user=user, batch_id=batch_id)
    if told.settled:
        batches.settle(event=event, files=told.settled)
    return JsonResponse({"batch": batch_id})


@require_POST
def forget(request: HttpRequest, event_id: int) -> HttpResponse:
    """Their own is everybody's to forget, and others' the organizers'."""
    event = event_to_upload_to(request.user, event_id)
    ids = registry.ids([request.POST.get("batch", "")])
    batch = UploadBatch.objects.filter(event=event, pk__in=ids).first()
    if batch is not None:  # another tab may have been first
        if not batches.may_forget(request.user, event, batch):
            raise PermissionDenied
        batches.forget(batch, by=user_of(request))
    messages.success(request, _("That upload is forgotten. The photos that arrived stay."))
    return back(request, otherwise=reverse("admin:photos_photo_upload", args=[event.pk]))


def _told(said: Any) -> Told:
    """Raises `BadJson`, `TypeError` and `KeyError` where no page of ours says so."""
    settled = _fingerprints(said["settled"])
    if "missing" in said:
        files = _whole(said["files"], below=MOST_FILES + 1)
        missing = _fingerprints(said["missing"])
        if len(missing) > files:
            raise BadJson
        return Told(settled, files=files, missing=missing)
    batch_id = said["batch"]
    return Told(settled, batch_id=None if batch_id is None else _whole(batch_id, below=2**63))


def _fingerprints(said: Any) -> list[int]:
    if not isinstance(said, list) or len(said) > MOST_FILES:
        raise BadJson
    return [_whole(each, below=batches.FINGERPRINTS) for each in said]


def _whole(said: Any, *, below: int) -> int:
    if type(said) is not int or not 0 <= said < below:  # True is an int too
        raise BadJson
    return said
