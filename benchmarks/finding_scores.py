"""What a party's guests were given, counted: by the product, and the old way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from finding_synthetic import Floats, raw

if TYPE_CHECKING:
    from events.models import Event

# By guest (the account's id), photos (ids).
Photos = Mapping[int, set[int]]
# The old way: a photo is a guest's where a face has this cosine with one of their selfies, of
# SFace's unit vectors as they come. It was 85 on the scale of that time.
OLD_COSINE = 0.45


@dataclass(frozen=True)
class Found:
    """What guests see as theirs, and what they are asked about."""

    shown: Photos
    asked: Photos


def score(truth: Photos, found: Found, unserved: int = 0) -> dict[str, float]:
    """The figures of the guests in `truth`, in parts of 1 but for `questions`, which is for each of
    them. `unserved`: the photos of guests whose selfies were refused."""
    shown, asked = found.shown, found.asked
    both = {guest: shown[guest] | asked[guest] for guest in truth}
    wanted = sum(map(len, truth.values()))
    questions = sum(len(asked[guest]) for guest in truth)
    with_photos = [guest for guest, photos in truth.items() if photos]
    return {
        "precision": _part(_right(truth, shown), sum(len(shown[guest]) for guest in truth)),
        "recall": _part(_right(truth, shown), wanted),
        "recall_with_asked": _part(_right(truth, both), wanted),
        "recall_of_all": _part(_right(truth, shown), wanted + unserved),
        "recall_of_all_with_asked": _part(_right(truth, both), wanted + unserved),
        "guests_with_all": _share(with_photos, lambda guest: truth[guest] <= shown[guest]),
        "guests_with_all_with_asked": _share(with_photos, lambda g: truth[g] <= both[g]),
        "guests_with_none": _share(with_photos, lambda guest: not truth[guest] & shown[guest]),
        "guests_with_a_stranger": _share(list(truth), lambda g: shown[g] - truth[g]),
        "questions": questions / max(len(truth), 1),
        "questions_right": _part(_right(truth, asked), questions),
    }


def mean(figures: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([each[name] for each in figures])) for name in figures[0]}


def as_found(event: Event) -> Found:
    """What the product says now."""
    from faces.models import FaceMatch

    shown: Photos = defaultdict(set)
    asked: Photos = defaultdict(set)
    rows = FaceMatch.objects.filter(event=event).values_list("user_id", "photo_id", "band")
    for user_id, photo_id, band in rows:
        (shown if band == FaceMatch.Band.SURE else asked)[user_id].add(photo_id)
    return Found(shown, asked)


def the_old_way(event: Event, mean_template: Floats) -> Found:
    """What the product said before its templates were centred: exactly, as the stored ones tell
    what they were made of. Faces turned too far had no template then; their quality is 0."""
    from faces.index.indexes import index_of
    from faces.models import Enrollment, Face

    name = index_of(event).name
    faces = Face.objects.filter(event=event, index_name=name, template__isnull=False, quality__gt=0)
    photo_ids, templates = _read(faces.values_list("photo_id", "template"), mean_template)
    selfies = Enrollment.objects.filter(event=event, index_name=name, template__isnull=False)
    users, of_selfies = _read(selfies.values_list("selfie__user_id", "template"), mean_template)
    shown: Photos = defaultdict(set)
    for user_id, selfie in zip(users.tolist(), of_selfies, strict=True):
        shown[user_id].update(photo_ids[templates @ selfie >= OLD_COSINE].tolist())
    return Found(shown, defaultdict(set))


def _read(rows: Iterable[tuple[int, object]], mean_template: Floats) -> tuple[np.ndarray, Floats]:
    """Ids, and templates as they were before they were centred."""
    pairs = [(pk, np.array(template, np.float32)) for pk, template in rows]
    stored = np.array([template for _, template in pairs]).reshape(-1, len(mean_template))
    # They are stored with 11 bits.
    stored /= np.linalg.norm(stored, axis=1, keepdims=True)
    return np.array([pk for pk, _ in pairs], np.int64), raw(stored, mean_template)


def _right(truth: Photos, found: Photos) -> int:
    return sum(len(photos & found[guest]) for guest, photos in truth.items())


def _part(some: int, of_all: int) -> float:
    return some / of_all if of_all else 1.0


def _share(guests: list[int], holds: Callable[[int], object]) -> float:
    return sum(bool(holds(guest)) for guest in guests) / max(len(guests), 1)
