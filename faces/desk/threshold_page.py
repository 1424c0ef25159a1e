"""The desk's page of an event's threshold: what another would find, and choosing it."""

from __future__ import annotations

import logging
from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from events.desk import registry
from events.models import HIGHEST_THRESHOLD, LOWEST_THRESHOLD, Event
from faces.desk import threshold
from faces.finding import face_pictures
from faces.models import Face

logger = logging.getLogger(__name__)

REMATCH = "faces/desk/_rematch.html"
registry.add_panel(REMATCH, position=-5)


class ThresholdForm(forms.Form):
    other = forms.FloatField(
        min_value=LOWEST_THRESHOLD,
        max_value=HIGHEST_THRESHOLD,
        error_messages={"invalid": gettext_lazy("Please give a number from 50 to 100.")},
    )


@registry.page("threshold", "threshold/", label=gettext_lazy("Threshold"), position=60)
@require_http_methods(["GET", "HEAD", "POST"])
def match_threshold(request: HttpRequest, event: Event) -> HttpResponseBase:
    """What another threshold would find; a POST chooses it."""
    given = request.POST if request.method == "POST" else request.GET
    suggested = max(event.match_threshold - 5, LOWEST_THRESHOLD)
    if not threshold.may_lower(event):
        suggested = min(event.match_threshold + 5, HIGHEST_THRESHOLD)
    form = ThresholdForm(given if "other" in given else {"other": suggested})
    other = form.cleaned_data["other"] if form.is_valid() else suggested
    if request.method == "POST" and form.is_valid():
        threshold.choose(event, other)
        messages.success(request, _("The guests are being matched with the new threshold."))
        return redirect(request.path)
    refused = not form.is_valid()
    if refused:
        logger.info("threshold_refused event=%s", event.pk)
    context = {
        "title": _("Threshold"),
        "form": form,
        "may_lower": threshold.may_lower(event),
        "preview": threshold.preview(event, other),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return registry.show(request, event, "faces/desk/threshold.html", context, status=status)


@registry.page("rematch", "matching/")
@require_safe
@never_cache
def rematch(request: HttpRequest, event: Event) -> HttpResponseBase:
    """How far matching anew is: the event's page and that of its threshold ask while it lasts."""
    return render(request, REMATCH, {"event": event, "asked_again": True})


@registry.page("face_picture", "faces/<int:face_id>.jpg")
@require_safe
def face_picture(request: HttpRequest, event: Event, face_id: int) -> HttpResponseBase:
    """A face in one of the event's photos, for judging a threshold."""
    face = get_object_or_404(Face, pk=face_id, event=event, photo__binned_at=None)
    data = face_pictures.jpeg_of(face)
    if data is None:
        raise Http404
    response = HttpResponse(data, content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=3600"
    return response
