"""Which questions to a remote index cost least: asking for guests, or for new faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class NewFaces:
    """Faces of one photo, and when they were indexed."""

    indexed_at: datetime
    count: int


@dataclass(frozen=True)
class Plan:
    """Ask for the first `guests` enrollments, then for each face indexed after `faces_after`.

    One call each. Without `faces_after` no face is asked for.
    """

    guests: int
    faces_after: datetime | None
    calls: int


def cheapest(covered_until: Sequence[datetime | None], faces: Sequence[NewFaces]) -> Plan:
    """The plan with the fewest calls after which every enrollment was compared with every face.

    `covered_until`: for each enrollment, ascending, with None first: the faces indexed up to then
    are compared already. To ask for a guest covers all faces; to ask for a face covers all guests.
    So some who are furthest behind are asked for, and the others are caught up by the faces that
    are new to the first of them. Of equals the one with more guests: it also repairs what an
    earlier answer may have lacked.
    """
    plans = [Plan(len(covered_until), None, len(covered_until))]
    for guests, until in enumerate(covered_until):
        if until is not None:
            new = sum(photo.count for photo in faces if photo.indexed_at > until)
            plans.append(Plan(guests, until, guests + new))
    return min(plans, key=lambda plan: (plan.calls, -plan.guests))
