"""The desk's page on what an event costs: a remote face index, before its photos and so far, and
what its photos take."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from events.desk import registry
from events.models import Event
from faces.desk import costs

logger = logging.getLogger(__name__)

registry.add_panel("faces/desk/_costs.html", position=30)

# A middling wedding, until the organizer says more.
PHOTOS, GUESTS = 1000, 100
LARGEST = 1_000_000


class ForecastForm(forms.Form):
    photos = forms.IntegerField(
        label=gettext_lazy("Photos"), min_value=0, max_value=LARGEST, initial=PHOTOS
    )
    guests = forms.IntegerField(
        label=gettext_lazy("Guests who give a selfie"),
        min_value=0,
        max_value=LARGEST,
        initial=GUESTS,
    )


@registry.page("costs", "costs/")
@require_safe
def recognition_costs(request: HttpRequest, event: Event) -> HttpResponseBase:
    """A forecast for any numbers of photos and guests; where they are wrong, none."""
    form = ForecastForm(request.GET if "photos" in request.GET else None, label_suffix="")
    context = {"title": _("What the event costs"), "form": form} | _spent(event)
    status = HTTPStatus.OK
    if form.is_valid():
        context |= _forecasts(event, **form.cleaned_data)
    elif form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        logger.info("forecast_refused code=wrong_input event=%s", event.pk)
    else:
        context |= _forecasts(event, photos=PHOTOS, guests=GUESTS)
    return registry.show(request, event, "faces/desk/costs.html", context, status=status)


def figures(event: Event, *, photos: int, guests: int) -> dict[str, Any]:
    """A forecast for each way of looking, and what was asked so far."""
    return _forecasts(event, photos=photos, guests=guests) | _spent(event)


def _forecasts(event: Event, *, photos: int, guests: int) -> dict[str, Any]:
    per_photo = costs.faces_per_photo(event)
    return {
        "forecasts": [
            (
                label,
                value == event.indexing,
                costs.forecast(
                    photos=photos, selfies=guests, indexing=value, faces_per_photo=per_photo
                ),
            )
            for value, label in Event.Indexing.choices
        ],
        "faces_per_photo": per_photo,
        "anchors": settings.REKOGNITION_ANCHORS,
        "anchor_calls": costs.anchors(guests, photos),
    }


def _spent(event: Event) -> dict[str, Any]:
    spent = costs.so_far(event)
    return {"spent": spent, "spent_dollars": sum(part.dollars for part in spent)}
