"""Sections of an event, such as the ceremony, and which photos are in them. Organizers alone change
them; guests see them in General."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet

from events import audit
from events.audit import Person
from events.models import Event
from findme.refusals import Refusal
from findme.text import one_line
from photos.models import Photo, Section
from photos.querysets import PhotoQuerySet

logger = logging.getLogger(__name__)

NAME_LENGTH = 60
# More would be no order; keys and chips are for a few.
MOST = 40


class SectionRefused(Refusal):
    """A section that cannot be made, or named so."""


def of(event: Event) -> QuerySet[Section]:
    return Section.objects.filter(event=event)


def counted(event: Event) -> QuerySet[Section]:
    """With `photo_count`: how many photos each has, hidden ones too, without those in the bin."""
    # Grouped, rows have no order of their own.
    kept = Count("photos", filter=Q(photos__binned_at=None))
    return of(event).annotate(photo_count=kept).order_by("position", "id")


def make(event: Event, name: str, *, by: Person) -> Section:
    """The last of the event's. Raises `SectionRefused`."""
    with transaction.atomic():
        _hold(event)
        found = of(event)
        if found.count() >= MOST:
            raise SectionRefused("too_many_sections")
        name = _free_name(found, name)
        last = found.aggregate(last=Max("position"))["last"]
        position = 0 if last is None else last + 1
        section = Section.objects.create(event=event, name=name, position=position)
        audit.record(event, "section_made", by=by, names=[name])
    return section


def named(event: Event, name: str, *, by: Person, may_make: bool = True) -> Section | None:
    """The event's section of that name, made when first needed; None where there is no such name,
    or none may be made, as where there are too many."""
    name = one_line(name)[:NAME_LENGTH].strip()
    if not name:
        return None
    if found := of(event).filter(name__iexact=name).first():
        return found
    if not may_make:
        return None
    try:
        return make(event, name, by=by)
    except SectionRefused:  # somebody else made it meanwhile, or there are too many
        return of(event).filter(name__iexact=name).first()


def file_under(photo: Photo, name: str, *, by: Person, may_make: bool = True) -> None:
    """A photo that has just come, into the section named after its folder.

    The log says that a section was made, and not of each photo that it is in it.
    """
    found = named(photo.event, name, by=by, may_make=may_make) if name else None
    if found:
        Photo.objects.filter(pk=photo.pk).update(section=found)


def folder_of(path: str) -> str:
    """What the folder of a file is called; a ZIP archive counts as one."""
    folder = PurePosixPath(path.replace("\\", "/")).parent.name
    return folder.removesuffix(".zip").removesuffix(".ZIP")


def rename(section: Section, name: str, *, by: Person) -> None:
    """Raises `SectionRefused`."""
    with transaction.atomic():
        _hold(section.event)
        others = of(section.event).exclude(pk=section.pk)
        name = _free_name(others, name)
        if name == section.name:
            return
        was, section.name = section.name, name
        section.save(update_fields=["name"])
        audit.record(section.event, "section_renamed", by=by, names=[f"{was} → {name}"])


def put_in_order(event: Event, ids: Iterable[int], *, by: Person) -> None:
    """Those of the event's sections in this order; others follow as they were."""
    with transaction.atomic():
        _hold(event)
        known = {section.pk: section for section in of(event)}
        wanted = [known[pk] for pk in dict.fromkeys(ids) if pk in known]
        ordered = [*wanted, *(one for one in known.values() if one not in wanted)]
        if ordered == list(known.values()):
            return
        for position, section in enumerate(ordered):
            section.position = position
        Section.objects.bulk_update(ordered, ["position"])
        audit.record(event, "sections_ordered", by=by)


def remove(section: Section, *, by: Person) -> int:
    """Its photos stay, in no section. Returns how many they are."""
    with transaction.atomic():
        count: int = section.photos.count()
        audit.record(section.event, "section_removed", by=by, photos=count, names=[section.name])
        section.delete()
    return count


def taken_between(event: Event, start: datetime, end: datetime) -> PhotoQuerySet:
    """The event's photos of a span of time, its last minute too."""
    photos = Photo.objects.in_event(event).kept()
    return photos.filter(taken_at__gte=start, taken_at__lt=end + timedelta(minutes=1))


def assign(
    photos: PhotoQuerySet, section: Section | None, *, by: Person
) -> list[tuple[int | None, list[int]]]:
    """Put photos into a section of their event, or into none; those of other events stay as they
    are. Returns the ids of those that changed, by the section that they were in."""
    if section:
        photos = photos.filter(event=section.event_id)
    with transaction.atomic():
        pk = section.pk if section else None
        elsewhere = photos.exclude(section=pk) if pk else photos.exclude(section=None)
        locked = elsewhere.order_by("pk").select_for_update(of=("self",))
        before: dict[int | None, list[int]] = {}
        for photo, was in locked.values_list("pk", "section"):
            before.setdefault(was, []).append(photo)
        ids = [photo for group in before.values() for photo in group]
        changed = Photo.objects.filter(pk__in=ids)
        changed.update(section=pk)
        if section and ids:
            audit.record(
                section.event, "photos_assigned", by=by, photos=len(ids), names=[section.name]
            )
        elif ids:
            audit.record_count(changed, "photos_unassigned", by=by)
    logger.info("photos_assigned count=%s section=%s", len(ids), pk)
    return list(before.items())


def _hold(event: Event) -> None:
    """One at a time: two must not take the same name or place."""
    Event.objects.select_for_update(no_key=True).only("pk").get(pk=event.pk)


def _free_name(others: QuerySet[Section], name: str) -> str:
    name = one_line(name).strip()
    if not name:
        raise SectionRefused("section_without_name")
    if len(name) > NAME_LENGTH:
        raise SectionRefused("section_name_too_long")
    if others.filter(name__iexact=name).exists():
        raise SectionRefused("section_name_taken")
    return name
