"""Which face index an event has."""

from __future__ import annotations

import secrets
from typing import TypeGuard

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Subquery

from events.models import Event
from faces.index.contract import FaceIndex, RemoteIndex, TemplateIndex
from faces.index.implementations import implementation
from faces.index.models import EventIndex
from findme.compiled_query import CompiledQuery

IN_USE = CompiledQuery(lambda event_id: EventIndex.objects.filter(event_id=event_id).in_use(), int)


def index_of(event: Event) -> FaceIndex:
    """The event's index; at the event's first use one of the kind that `FACE_INDEX` names."""
    row = EventIndex.objects.in_event(event).active().first()
    return load(row or _first_index(event))


def indexes_of(event: Event) -> list[FaceIndex]:
    """The index in use, and after it the one that is being built to replace it."""
    rows = IN_USE.all(event.pk)
    if not any(row.state == EventIndex.State.ACTIVE for row in rows):
        rows.insert(0, _first_index(event))
    return [load(row) for row in rows]


def index_named(event: Event, name: str) -> FaceIndex | None:
    """The index that a row of the event names, or None if it is out of use."""
    row = EventIndex.objects.in_event(event).in_use().filter(name=name).first()
    return load(row) if row else None


def active_name(event: Event) -> Subquery:
    """The name of the index in use, for filters."""
    return Subquery(EventIndex.objects.in_event(event).active().values("name"))


def load(row: EventIndex) -> FaceIndex:
    return implementation(row.kind)(row)


def has_templates(index: FaceIndex) -> TypeGuard[TemplateIndex]:
    """Whether faces are compared here, by templates in the database."""
    return not index.is_remote


def is_remote(index: FaceIndex) -> TypeGuard[RemoteIndex]:
    """`index.is_remote`, where the type checker must learn what else such an index can do."""
    return index.is_remote


def new_index(kind: str, event: Event, state: EventIndex.State) -> EventIndex:
    """The row of a new index; its name is of its own, also where another is not yet removed."""
    fields = implementation(kind).row_fields(event)
    if EventIndex.objects.filter(event=event, name=fields["name"]).exists():
        fields["name"] += f"-{secrets.token_hex(3)}"
    return EventIndex.objects.create(event=event, kind=kind, state=state, **fields)


def _first_index(event: Event) -> EventIndex:
    """One of those who need it at the same moment makes it, and the others take that."""
    try:
        with transaction.atomic():
            return new_index(settings.FACE_INDEX, event, EventIndex.State.ACTIVE)
    except IntegrityError:
        return EventIndex.objects.in_event(event).active().get()
