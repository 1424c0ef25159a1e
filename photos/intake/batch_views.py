"""How far an upload is: told by its script, and forgotten by whoever will not send the rest."""

from __future__ import annotations

import re

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

KEY = re.compile(r"[0-9a-f-]{1,36}")
MOST_FILES = 1_000_000

registry.add_panel("photos/intake/_uploads_panel.html", position=-8)


@answers_in_json
@require_POST
def tell(request: HttpRequest, event: Event) -> HttpResponseBase:
    """`{"key": …, "files": 300, "sent": 78}`. One statement."""
    try:
        said = read_json(request)
        key, files, sent = (said[name] for name in ("key", "files", "sent"))
        is_valid = bool(KEY.fullmatch(key)) and {type(files), type(sent)} == {int}
        is_valid = is_valid and 0 <= sent <= files <= MOST_FILES
    except (BadJson, TypeError, KeyError):
        is_valid = False
    if not is_valid:
        return refusal_response("bad_request", status=400)
    batches.note(event=event, user=user_of(request), key=key, files=files, sent=sent)
    return JsonResponse({})


@require_POST
def forget(request: HttpRequest, event_id: int) -> HttpResponse:
    """Their own is everybody's to forget, and others' the organizers'."""
    event = event_to_upload_to(request.user, event_id)
    ids = registry.ids([request.POST.get("batch", "")])
    batch = UploadBatch.objects.filter(event=event, pk__in=ids).first()
    if batch is not None:  # another tab may have been first
        if not batches.may_forget(request.user, event, batch):
            raise PermissionDenied
        batches.forget(batch)
    messages.success(request, _("That upload is forgotten. The photos that arrived stay."))
    return back(request, otherwise=reverse("admin:photos_photo_upload", args=[event.pk]))
