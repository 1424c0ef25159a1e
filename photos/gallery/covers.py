"""Which photo stands for an event: the chosen one while it is published, else of those that every
guest may see a recent one of a few people together, else the newest. And how it is cut, so that
these people keep their heads."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.utils import timezone

from events import audit
from events.audit import Person
from events.models import Event
from photos.gallery import people
from photos.imaging.crops import Box, Focus, focus_on
from photos.models import Cover, Photo

# Among so many of the newest photos is looked for one that is wider than high, of so many people.
NEWEST = 16
FEW, MANY = 2, 8
# In hundredths, as focus.css knows them.
FOCUS_STEP = 5


@dataclass(frozen=True)
class Shown:
    """A cover, and the faces that were found on it."""

    photo: Photo
    boxes: list[Box] = field(default_factory=list)

    @property
    def focus(self) -> Focus:
        return focus_on(self.boxes)

    @property
    def focus_classes(self) -> str:
        """For a style sheet that knows steps: pages allow no styles inside."""
        x, y = (round(part * 100 / FOCUS_STEP) * FOCUS_STEP for part in self.focus)
        return f"focus-x{x} focus-y{y}"

    @property
    def largest_face(self) -> float | None:
        """Its width in parts of the photo's longest side; None where not all faces are known."""
        if self.photo.event.indexing == Event.Indexing.GUESTS_ONLY:
            return None
        longest = max(self.photo.width, self.photo.height)
        widths = [box.width * self.photo.width / longest for box in self.boxes]
        return max(widths, default=None)

    @property
    def is_of_a_few(self) -> bool:
        return self.photo.width > self.photo.height and FEW <= len(self.boxes) <= MANY


def cover_of(event: Event) -> Shown | None:
    """None where nothing is to be shown yet."""
    return covers_of([event]).get(event.pk)


def covers_of(events: Collection[Event]) -> dict[int, Shown]:
    """By event. Three queries, with two looks into indexes for each event."""
    candidates = dict(_candidates(events))
    ids = {pk for found in candidates.values() for pk in found}
    faces = people.in_photos(ids)
    visible = Photo.objects.filter(pk__in=ids).visible().published().select_related("event")
    photos = {photo.pk: photo for photo in visible}
    all_shown = {pk: Shown(photo, faces.get(pk, [])) for pk, photo in photos.items()}
    covers = {}
    for event_id, found in candidates.items():
        if shown := [all_shown[pk] for pk in found if pk in all_shown]:
            covers[event_id] = shown[0] if len(shown) == 1 else _best(shown)
    return covers


def choose(photo: Photo, *, by: Person) -> None:
    Cover.objects.update_or_create(event=photo.event, defaults={"photo": photo})
    audit.record(photo.event, "cover_chosen", by=by)


def forget(event: Event, *, by: Person) -> None:
    if Cover.objects.filter(event=event).delete()[0]:
        audit.record(event, "cover_removed", by=by)


def _candidates(events: Collection[Event]) -> Iterable[tuple[int, list[int]]]:
    """Ids of photos by event: the chosen one alone, or the newest ones. One query."""
    visible = Photo.objects.filter(event=OuterRef("pk")).visible().published()
    chosen = visible.filter(covers__event=OuterRef("pk"))
    now = timezone.now()
    are_open = [event.pk for event in events if event.is_general_open(now)]
    shown = visible.filter(Q(highlight=True) | Q(event__in=are_open))
    rows = Event.objects.filter(pk__in=[event.pk for event in events]).values_list(
        "pk",
        ArraySubquery(chosen.values("pk")[:1]),
        ArraySubquery(shown.newest_first().values("pk")[:NEWEST]),
    )
    for event_id, chosen_ids, newest_ids in rows:
        yield event_id, chosen_ids or newest_ids


def _best(newest: list[Shown]) -> Shown:
    return next((shown for shown in newest if shown.is_of_a_few), newest[0])
