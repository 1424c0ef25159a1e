"""What the desk's page of clocks gains from faces: which cameras agree, for templates."""

from __future__ import annotations

from collections.abc import Sequence

from django import template

from events.models import Event
from faces.desk import clock_sightings
from faces.desk.clock_sightings import Agreement, Found
from photos.clocks.shifting import Owner
from photos.models import Camera

register = template.Library()


@register.simple_tag
def clock_agreement(
    event: Event, cameras: Sequence[Owner], asked: str | None = None
) -> Agreement | None:
    """None where that would take long and nobody asked for it."""
    if not asked and sum(owner.count for owner in cameras) > clock_sightings.AT_ONCE:
        return None
    rows = [owner.of for owner in cameras if isinstance(owner.of, Camera)]
    return clock_sightings.agreement(event, rows)


@register.simple_tag
def clock_of(agreement: Agreement | None, camera_id: int) -> Found | None:
    """None of the camera that others are compared with."""
    return agreement.found.get(camera_id) if agreement else None
