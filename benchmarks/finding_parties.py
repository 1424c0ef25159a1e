"""Parties that guests are looked for in: one of photos, through the product's own ingest, scan,
enrolling and matching, and one made up of templates, for all that comes after the eyes."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import finding_rows
import numpy as np
from finding_people import People, Picture, selfies_of
from finding_scores import Photos
from finding_synthetic import Floats
from finding_synthetic import Party as Templates

if TYPE_CHECKING:
    from events.models import Event, User

ROOT = Path(__file__).resolve().parent.parent
AT_A_TIME = 8
# Photos that come together, before guests' models are made anew.
BATCH = 100
# Not a refusal, but told beside them: the guest was asked which of several faces is theirs, and
# tapped the one that the product took for it.
CHOSE = "chose_a_face"
Map = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


@dataclass(frozen=True)
class Round:
    """The photos of guests who have a selfie; how many photos those have who have none, as theirs
    were refused; why how many were; and how many guests there are."""

    truth: Photos
    unserved: int
    refused: Counter[str]
    guests: int


def rest(event: Event) -> None:
    """What happens when all photos of a batch are looked at and all selfies enrolled."""
    try:
        from faces.finding import renewing
    except ImportError:
        from faces.finding import matching

        matching.match_everybody(event)
    else:
        renewing.renew(event)


def looked_at(event: Event, photo_id: int) -> None:
    """What a scan does with a photo whose faces it stored."""
    from faces.finding import matching
    from faces.index.indexes import index_of
    from faces.models import Face

    with matching.matching(event.pk, with_others=True):
        matching.match_photo(event, index_of(event), photo_id)
        matching.forget_strangers(event, Face.objects.filter(photo=photo_id))


def make_event(**fields: Any) -> Event:
    from events.models import Event

    today = date(2026, 1, 1)
    given = {name: value for name, value in fields.items() if value is not None}
    return Event.objects.create(
        name="Finding", slug="finding", starts_on=today, ends_on=today, **given
    )


class TemplateParty:
    """Guests and faces as numbers: `finding_synthetic`. Where the event looks for guests only,
    photos come one after another once the selfies are there, and strangers' templates go."""

    def __init__(self, event: Event, templates: Templates) -> None:
        self.event = event
        self._templates = templates
        self.mean = templates.mean
        self._guests, photos = finding_rows.fill(event, templates)
        self._truth: dict[int, set[int]] = {guest.pk: set() for guest in self._guests}
        for person, photo in zip(templates.person, templates.photo, strict=True):
            if person < templates.guests:
                self._truth[self._guests[person].pk].add(photos[photo].pk)

    def counts(self) -> dict[str, int]:
        photos = int(self._templates.photo.max()) + 1
        return {"photos": photos, "faces": len(self._templates.templates)}

    def rounds(self, choice: int, selfies: int) -> Iterator[Round]:
        for count in range(1, selfies + 1):
            if self._guests_only:
                self.event.faces.update(template=None)
            chosen = [2 * choice + number for number in range(count)]
            finding_rows.enroll(self.event, self._templates, self._guests, chosen)
            rest(self.event)
            if self._guests_only:
                self._arrive()
            yield Round(self._truth, 0, Counter(), len(self._guests))

    @property
    def _guests_only(self) -> bool:
        return self.event.indexing == self.event.Indexing.GUESTS_ONLY

    def _arrive(self) -> None:
        faces = defaultdict(list)
        for face in self.event.faces.order_by("photo"):
            face.template = self._templates.templates[face.ordinal]
            faces[face.photo_id].append(face)
        for count, photo_id in enumerate(progress("photos", faces, len(faces)), start=1):
            for face in faces[photo_id]:
                face.save(update_fields=["template"])
            looked_at(self.event, photo_id)
            if count % BATCH == 0 or count == len(faces):
                rest(self.event)


@dataclass
class PhotoParty:
    """People in folders of pictures. `results` is a `map` for all that is looked at (`spread`)."""

    event: Event
    people: People
    pictures: list[Picture]
    results: Map
    # By name, the photos of each person; by file, the photos made of it.
    _photos: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _made_of: dict[Path, set[int]] = field(default_factory=lambda: defaultdict(set))
    _failed: Counter[str] = field(default_factory=Counter)

    @property
    def mean(self) -> Floats:
        from faces.vision import embedder, model_files

        read = json.loads(model_files.path_of(embedder.MEAN).read_bytes())
        return np.array(read["mean"], np.float32)

    def take_in(self) -> None:
        """All pictures into the event, each looked at."""
        work = [(self.event.pk, picture) for picture in self.pictures]
        for picture, photo_id, failure in progress(
            "photos", self.results(_take_in, work), len(work)
        ):
            self._failed.update(filter(None, [failure]))
            if photo_id is not None:
                self._made_of[picture.path].add(photo_id)
                for name in picture.people:
                    self._photos[name].add(photo_id)

    def counts(self) -> dict[str, int]:
        from faces.models import Face, PhotoScan

        without = PhotoScan.objects.filter(event=self.event, face_count=0).count()
        return {
            "people": len(self.people),
            "photos": len(set().union(*self._made_of.values())),
            "photos_without_a_face": without,
            "faces": Face.objects.filter(event=self.event).count(),
            **{f"failed_{code}": count for code, count in self._failed.items()},
        }

    def rounds(self, choice: int, selfies: int) -> Iterator[Round]:
        """Guests anew, with one selfie more each time. The pictures that are their selfies are not
        in the event meanwhile: they would be found too well, and lead to others."""
        given = {
            name: selfies_of(name, paths, choice, selfies)
            for name, paths in self.people.items()
            if len(paths) > 1
        }
        away = self._photos_made_of(path for paths in given.values() for path in paths)
        guests = _invite(self.event, list(given))
        refused: Counter[str] = Counter()
        with _without_templates(away):
            for number in range(selfies):
                refused += self._give(guests, given, number)
                rest(self.event)
                yield self._round(guests, away, refused)
            for guest in guests.values():
                guest.delete()

    def _give(
        self, guests: dict[str, User], given: dict[str, list[Path]], number: int
    ) -> Counter[str]:
        from faces.finding import enrolling

        work = [
            (guests[name].pk, paths[number]) for name, paths in given.items() if number < len(paths)
        ]
        codes = Counter(progress("selfies", self.results(_give_selfie, work), len(work)))
        enrolling.enroll_event(self.event.pk)
        return Counter({code: count for code, count in codes.items() if code})

    def _round(self, guests: dict[str, User], away: set[int], refused: Counter[str]) -> Round:
        from faces.models import Enrollment

        rows = Enrollment.objects.filter(event=self.event)
        enrolled = set(rows.values_list("selfie__user_id", flat=True))
        photos = {guest.pk: self._photos[name] - away for name, guest in guests.items()}
        unserved = sum(len(photos[pk]) for pk in photos.keys() - enrolled)
        truth = {pk: photos[pk] for pk in photos.keys() & enrolled}
        return Round(truth, unserved, refused, len(guests))

    def _photos_made_of(self, paths: Iterable[Path]) -> set[int]:
        return set().union(*(self._made_of[path] for path in paths))


def _invite(event: Event, names: list[str]) -> dict[str, User]:
    from events.models import Membership, User
    from faces.privacy import consenting

    guests = {}
    for number, name in enumerate(names):
        guests[name] = User.objects.create_user(email=f"guest{number}@example.com", name=name[:100])
        Membership.objects.create(user=guests[name], event=event)
        consenting.give(user=guests[name], event=event, words=consenting.words(event))
    return guests


@contextmanager
def _without_templates(photo_ids: set[int]) -> Iterator[None]:
    """The faces of these photos are compared with nobody."""
    from faces.models import Face

    faces = list(Face.objects.filter(photo__in=photo_ids, template__isnull=False))
    Face.objects.filter(pk__in=[face.pk for face in faces]).update(template=None)
    try:
        yield
    finally:
        Face.objects.bulk_update(faces, ["template"], batch_size=1000)


@contextmanager
def spread(workers: int) -> Iterator[Map]:
    """A `map` of so many processes whose results come as they are ready, a few in memory at a time;
    0: in this process."""
    if not workers:
        yield map
        return
    with multiprocessing.get_context("spawn").Pool(workers, _set_up) as pool:
        yield lambda function, work: pool.imap_unordered(function, work, chunksize=AT_A_TIME)


def progress(what: str, results: Iterable[Any], total: int) -> Iterator[Any]:
    started = shown = time.monotonic()
    for count, result in enumerate(results, start=1):
        yield result
        now = time.monotonic()
        if now - shown > 10 or count == total:
            shown = now
            pace = count / max(now - started, 1e-6)
            print(f"{what}: {count} of {total}, {pace:.1f}/s", file=sys.stderr, flush=True)


def _set_up() -> None:
    """A worker's: the scratch database is named by the environment."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "findme.settings")
    import django

    django.setup()


def _take_in(work: tuple[int, Picture]) -> tuple[Picture, int | None, str]:
    """The photo of a picture, and the code of why it has none or could not be looked at."""
    from events.models import Event
    from faces.finding import scanning
    from faces.models import PhotoScan
    from findme.refusals import Refusal
    from photos.intake.ingest import ingest

    event_id, picture = work
    event = Event.objects.get(pk=event_id)
    try:
        data = picture.read()
        photo = ingest(event=event, data=data, name=picture.name, uploader=None).photo
    except Refusal as error:
        return picture, None, error.code
    scan = PhotoScan.objects.get(photo=photo)
    scanning.run(scan.pk)
    scan.refresh_from_db()
    return picture, photo.pk, scan.failure_code


def _give_selfie(work: tuple[int, Path]) -> str:
    """The code of why a guest's selfie was refused, or `CHOSE`; empty if it was simply taken."""
    from events.models import User

    user_id, path = work
    user, data = User.objects.get(pk=user_id), path.read_bytes()
    code, likely = _refusal(user, data)
    if likely is None:
        return code
    return _refusal(user, data, box=likely)[0] or CHOSE


def _refusal(user: User, data: bytes, **chosen: Any) -> tuple[str, Any]:
    """The code of why a selfie was refused, and where a choice of faces was missing, the box of the
    likely one."""
    from faces.errors import UnusableSelfie
    from faces.finding import enrolling

    try:
        enrolling.add_selfie(user=user, data=data, **chosen)
    except UnusableSelfie as error:
        likely = [choice.box for choice in getattr(error, "choices", []) if choice.is_likely]
        return str(error.code), likely[0] if likely else None
    return "", None
