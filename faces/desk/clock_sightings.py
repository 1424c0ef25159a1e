"""Whether an event's cameras agree on the time, for the desk's page of clocks: who is in which
photo is read here, and compared in `clock_agreement`.

Guests know themselves in photos of two cameras; where templates are here, so does everybody whose
faces are alike enough to be sure. Nothing of it is kept, and nobody is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from events.models import Event
from faces.desk import clock_agreement
from faces.desk.clock_agreement import LEAST_PAIRS, MINUTE, Numbers, Offset, Pairs
from faces.index import templates
from faces.index.contract import Templates
from faces.index.indexes import has_templates, index_of
from faces.models import FaceMatch
from faces.vision import similarity
from findme.formats import amounts
from photos.models import Camera, Photo

# What is looked at of a camera, evenly chosen; and how many cameras are compared with the first.
MOST_PHOTOS, MOST_FACES, MOST_CAMERAS = 1000, 2000, 12
# Compared at once: 12 MB of cosines.
BLOCK = 1000
SURE = 85.0
# Clocks so near to each other are said to agree: it is measured no finer.
AGREEING = MINUTE
# Photos of events with more are compared only when somebody asks.
AT_ONCE = 6000


@dataclass(frozen=True)
class Found:
    """What a camera would need. No `offset`: too little to tell."""

    offset: Offset | None

    @property
    def agrees(self) -> bool:
        return self.offset is not None and abs(self.offset.seconds) <= AGREEING

    @property
    def seconds(self) -> int:
        return self.offset.seconds if self.offset and not self.agrees else 0

    @property
    def pairs(self) -> int:
        return self.offset.pairs if self.offset else 0

    @property
    def amount(self) -> str:
        return amounts.later(self.seconds)


@dataclass(frozen=True)
class Agreement:
    """`reference`: the camera with the most photos, to which `found` compares others, by id."""

    reference: Camera | None = None
    found: dict[int, Found] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Sightings:
    """One camera's photos, some of them: when each was taken, and who is in it.

    `guests`: (photos, guests), 1 where the guest is in the photo. `faces`: the place of each face's
    photo, and its template.
    """

    taken: Numbers
    guests: NDArray[np.float32]
    faces_at: Numbers
    vectors: NDArray[np.float32]


def agreement(event: Event, cameras: Sequence[Camera]) -> Agreement:
    """Compare cameras, the one with the most photos first. Four queries."""
    if len(cameras) < 2:
        return Agreement()
    seen = _read(event, cameras[: MOST_CAMERAS + 1])
    reference, *others = cameras
    found = {
        camera.pk: Found(
            clock_agreement.offset(_pairs(event, seen[reference.pk], seen[camera.pk]))
            if camera.pk in seen
            else None
        )
        for camera in others
    }
    return Agreement(reference, found)


def _read(event: Event, cameras: Sequence[Camera]) -> dict[int, _Sightings]:
    photos = _photos(event, cameras)
    ids = np.concatenate([one[0] for one in photos.values()])
    counting = FaceMatch.objects.in_event(event).counting().filter(photo__in=ids.tolist())
    rows = np.array(list(counting.values_list("photo", "user").order_by()), np.int64).reshape(-1, 2)
    index = index_of(event)
    faces = Templates.none(0)
    if has_templates(index):
        faces = templates.of_photos(event.pk, index.name, ids.tolist())
    guests, columns = np.unique(rows[:, 1], return_inverse=True)
    seen = {}
    for camera, (own, taken) in photos.items():
        is_in = np.zeros((len(own), len(guests)), np.float32)
        mine = np.isin(rows[:, 0], own)
        is_in[np.searchsorted(own, rows[mine, 0]), columns[mine]] = 1
        places = _evenly(np.flatnonzero(np.isin(faces.photo_ids, own)), MOST_FACES)
        at = np.searchsorted(own, faces.photo_ids[places])
        seen[camera] = _Sightings(taken, is_in, at, faces.vectors[places].astype(np.float32))
    return seen


def _photos(event: Event, cameras: Sequence[Camera]) -> dict[int, tuple[Numbers, Numbers]]:
    """Ids and times of each camera's photos, in the order of their ids."""
    mine = (
        Photo.objects.in_event(event).dated().filter(camera__in=[camera.pk for camera in cameras])
    )
    rows = list(mine.order_by("pk").values_list("camera", "pk", "taken_at"))
    of = np.array([camera for camera, _, _ in rows], np.int64)
    ids = np.array([pk for _, pk, _ in rows], np.int64)
    taken = np.array([int(at.timestamp()) for _, _, at in rows], np.int64)
    places = {camera.pk: np.flatnonzero(of == camera.pk) for camera in cameras}
    return {
        camera: (ids[chosen], taken[chosen])
        for camera, own in places.items()
        for chosen in [_evenly(own, MOST_PHOTOS)]
        if len(own) >= LEAST_PAIRS or camera == cameras[0].pk
    }


def _evenly(places: Numbers, most: int) -> Numbers:
    if len(places) <= most:
        return places
    return places[np.linspace(0, len(places) - 1, most).astype(np.int64)]


def _pairs(event: Event, first: _Sightings, second: _Sightings) -> Pairs:
    """Photos of both that share somebody: a guest, or a face that is surely the same one's."""
    common = first.guests @ second.guests.T
    faces = np.zeros_like(common)
    least = similarity.cosine_of(max(SURE, event.match_threshold))
    for start in range(0, len(first.vectors) if len(second.vectors) else 0, BLOCK):
        block = slice(start, start + BLOCK)
        ones, others = np.nonzero(first.vectors[block] @ second.vectors.T >= least)
        np.add.at(faces, (first.faces_at[block][ones], second.faces_at[others]), 1)
    common = np.maximum(common, faces).astype(np.int64)
    ones, others = np.nonzero(common)
    return Pairs(first.taken[ones], second.taken[others], common[ones, others])
