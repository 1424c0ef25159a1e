"""System checks of the face room: a missing or altered model must not pass for a poor match."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from faces.index.implementations import IMPLEMENTATIONS
from faces.index.indexes import load
from faces.vision import engine, model_files

# A collection's id has 1 to 255 of these characters, and we add to the prefix; `EventIndex.name`
# holds 80.
PREFIX = re.compile(r"[a-zA-Z0-9_.\-]{1,40}")


@register()
def face_models_are_the_known_ones(**kwargs: Any) -> list[CheckMessage]:
    """The recognition models are there, byte for byte (checked by their hashes)."""
    hint = "Install the pinned requirements again: pip install -r requirements.txt"
    problems = model_files.problems(engine.MODELS)
    return [Error(problem, hint=hint, id="faces.E001") for problem in problems]


@register()
def face_index_is_known(**kwargs: Any) -> list[CheckMessage]:
    if settings.FACE_INDEX in IMPLEMENTATIONS or "." in settings.FACE_INDEX:
        return []
    known = ", ".join(sorted(IMPLEMENTATIONS))
    return [Error(f"FACE_INDEX is “{settings.FACE_INDEX}”; known are: {known}.", id="faces.E002")]


@register()
def rekognition_is_configured(**kwargs: Any) -> list[CheckMessage]:
    if settings.FACE_INDEX != "rekognition":
        return []
    found: list[CheckMessage] = []
    if not settings.REKOGNITION_REGION:
        hint = "Set AWS_REGION, for example to eu-west-1."
        found.append(Error("Rekognition needs a region.", hint=hint, id="faces.E003"))
    if not PREFIX.fullmatch(settings.REKOGNITION_COLLECTION_PREFIX):
        hint = "Use 1 to 40 letters, digits, dots, hyphens and underscores."
        text = "REKOGNITION_COLLECTION_PREFIX cannot begin a collection's name."
        found.append(Error(text, hint=hint, id="faces.E004"))
    if settings.REKOGNITION_CALLS_PER_SECOND <= 0:
        text = "REKOGNITION_CALLS_PER_SECOND must be above 0."
        found.append(Error(text, id="faces.E005"))
    return found


@register(Tags.database)
def searches_found_all(**kwargs: Any) -> list[CheckMessage]:
    """Rekognition names 4,096 faces and no more: of others like that selfie nothing is known."""
    from faces.models import Enrollment

    if Enrollment._meta.db_table not in connection.introspection.table_names():
        return []  # before the first migration
    cut_off = Enrollment.objects.filter(truncated=True).order_by("event")
    slugs = cut_off.values_list("event__slug", flat=True).distinct()
    hint = "The local index names them all: manage.py reindex_event EVENT --index local"
    return [
        checks.Warning(
            f"In the event {slug} some guests have more faces than Rekognition names.",
            hint=hint,
            id="faces.W002",
        )
        for slug in slugs
    ]


@register(Tags.database)
def local_indexes_have_the_installed_model(**kwargs: Any) -> list[CheckMessage]:
    """Another model's templates cannot be compared: until then the events' new photos wait."""
    from faces.models import EventIndex

    if EventIndex._meta.db_table not in connection.introspection.table_names():
        return []  # before the first migration
    active = EventIndex.objects.active().exclude(event=None).select_related("event")
    # A remote index is not asked: its service may be away, and its calls are billed.
    local = [index for index in map(load, active) if not index.is_remote]
    return [
        checks.Warning(
            f"The event {row.event.slug} was indexed with another model.",
            hint=f"Run: manage.py reindex_event {row.event.slug} --index {row.kind}",
            id="faces.W001",
        )
        for row in [index.row for index in local if index.is_outdated()]
        if row.event
    ]
