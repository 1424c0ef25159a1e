"""Candidates from what a remote index answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Max

from events.models import Event
from faces.finding.scoring import Bands, Scored
from faces.index.contract import FaceIndex
from faces.models import FaceSimilarity


def bands(threshold: float) -> Bands:
    return Bands(threshold, threshold - 15, min(threshold - 15, 70.0))


def scored(
    index: FaceIndex,
    event: Event,
    levels: Bands,
    user_ids: Sequence[int],
    photo_id: int | None = None,
) -> dict[int, list[Scored]]:
    rows = FaceSimilarity.objects.filter(
        enrollment__event=event, enrollment__index_name=index.name, anchor=None
    ).filter(enrollment__selfie__user__in=user_ids)
    if photo_id is not None:
        rows = rows.filter(face__photo=photo_id)
    found: dict[int, list[Scored]] = defaultdict(list)
    best = rows.values_list("enrollment__selfie__user", "face").annotate(best=Max("similarity"))
    for user_id, face_id, similarity in best:
        if band := levels.band_of(similarity):
            found[user_id].append(Scored(face_id, similarity, similarity, band))
    return found
