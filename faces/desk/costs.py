"""What a remote face index asks of the service: before the photos are there, and so far.

Numbers of calls, prices and pace are Rekognition's, the only remote index there is: another needs
figures of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Avg, Sum

from events.models import Event
from faces.index.implementations import implementation
from faces.index.models import RemoteCalls
from faces.models import Consent, PhotoScan, Selfie

# This is assumed of events without photos: at a family party a photo had 8.6 faces on average.
FACES_PER_PHOTO = 8.6
SECONDS_PER_MINUTE = 60


@dataclass(frozen=True)
class Forecast:
    """Calls that cost money, their price, and how long the account's quota makes them take."""

    photos: int
    selfies: int
    calls: int

    @property
    def dollars(self) -> float:
        return float(self.calls * max(settings.REKOGNITION_PRICES.values(), default=0.0))

    @property
    def minutes(self) -> float:
        return float(self.calls / settings.REKOGNITION_CALLS_PER_SECOND / SECONDS_PER_MINUTE)


@dataclass(frozen=True)
class Actual:
    """Answers of one operation so far."""

    operation: str
    calls: int

    @property
    def dollars(self) -> float:
        return float(self.calls * settings.REKOGNITION_PRICES.get(self.operation, 0.0))


def forecast(
    *,
    photos: int,
    selfies: int,
    indexing: str,
    faces_per_photo: float = FACES_PER_PHOTO,
    guests: int | None = None,
) -> Forecast:
    """For an event whose guests and photos all come before the first search.

    Indexing everyone: each photo and each selfie once, one search for each selfie, and one for each
    anchor of each guest (as many as selfies, unless given). Guests only: each selfie once, and once
    again to put it into its guest's pool, which is taken to cost as much as a search; and a search
    for each face. Before the first selfie nothing is asked.
    """
    if indexing == Event.Indexing.EVERYONE:
        calls = photos + 2 * selfies + anchors(selfies if guests is None else guests, photos)
    else:
        calls = 2 * selfies + round(photos * faces_per_photo) if selfies else 0
    return Forecast(photos, selfies, calls)


def anchors(guests: int, photos: int) -> int:
    """How many faces of guests are asked about besides their selfies: of so many photos at most."""
    each: int = min(settings.REKOGNITION_ANCHORS, photos)
    return guests * each


def of_reindex(event: Event, kind: str) -> Forecast:
    """What building the event's index anew would ask."""
    photos = event.photos.kept().not_failed().count()
    consents = Consent.objects.in_event(event).in_force()
    own = Selfie.objects.accepted().filter(user__in=consents.values("user"))
    selfies, guests = own.count(), own.values("user").distinct().count()
    if not implementation(kind).is_remote:
        return Forecast(photos, selfies, 0)
    return forecast(
        photos=photos,
        selfies=selfies,
        indexing=event.indexing,
        faces_per_photo=faces_per_photo(event),
        guests=guests,
    )


def faces_per_photo(event: Event) -> float:
    """The average of the photos so far, or what is usual."""
    done = PhotoScan.objects.filter(event=event).done()
    average = done.aggregate(average=Avg("face_count"))["average"]
    return FACES_PER_PHOTO if average is None else float(average)


def so_far(event: Event) -> list[Actual]:
    """All answers that were counted for the event, by operation."""
    rows = RemoteCalls.objects.filter(event=event).values_list("operation")
    return [
        Actual(name, count) for name, count in rows.annotate(Sum("count")).order_by("operation")
    ]
