"""What matching is told of a guest's faces, whatever index found them: how like, and in which band.

All numbers are on the scale 0..100 of `faces.vision.similarity`.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from django.db import connection

from events.models import Event
from faces.models import Candidate, Face

# Of 300 guests at a large event 20,000 rows are written: as models they take longer than all that
# is computed.
COPY = """
    COPY faces_candidate (user_id, event_id, index_name, face_id, similarity, strength, band)
    FROM STDIN
"""


@dataclass(frozen=True)
class Bands:
    """From where on a face is SURE, is ASKED about, and is worth keeping at all."""

    sure: float
    asked: float
    near: float

    def band_of(self, similarity: float) -> Candidate.Band | None:
        """None: it is not kept."""
        if similarity >= self.sure:
            return Candidate.Band.SURE
        if similarity >= self.asked:
            return Candidate.Band.ASKED
        return Candidate.Band.NEAR if similarity >= self.near else None


@dataclass(frozen=True)
class Scored:
    """A face that may be a guest's, by what is known of that guest alone.

    `strength` is what counts where several guests claim the face. The band may be lower than
    `similarity` says; higher only by the guest's own word.
    """

    face_id: int
    similarity: float
    strength: float
    band: Candidate.Band


def store(event: Event, index_name: str, scored: dict[int, list[Scored]]) -> None:
    """Add candidates, by guest: of faces that are still there, and that nobody removes before the
    commit."""
    faces = {one.face_id for found in scored.values() for one in found}
    locked = Face.objects.filter(pk__in=faces).select_for_update(no_key=True).order_by("pk")
    there = set(locked.values_list("pk", flat=True))
    rows = io.StringIO(
        "".join(
            f"{user_id}\t{event.pk}\t{index_name}\t{one.face_id}"
            f"\t{float(one.similarity)!r}\t{float(one.strength)!r}\t{one.band}\n"
            for user_id, found in scored.items()
            for one in found
            if one.face_id in there
        )
    )
    with connection.cursor() as cursor:
        cursor.copy_expert(COPY, rows)
