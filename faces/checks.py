"""System checks of the face room: a missing or altered model must not pass for a poor match."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection
from django.db.models import Model

from faces.index.implementations import IMPLEMENTATIONS, implementation
from faces.index.indexes import load
from faces.vision import backends, engine, model_files, speed
from findme import diagnosis
from findme.diagnosis import Finding


@register()
def face_models_are_the_known_ones(**kwargs: Any) -> list[CheckMessage]:
    """The recognition models are there, byte for byte (checked by their hashes)."""
    hint = "Install the pinned requirements again: pip install -r requirements.txt"
    problems = model_files.problems(engine.MODELS)
    return [Error(problem, hint=hint, id="faces.E001") for problem in problems]


@register()
def face_backend_is_installed(**kwargs: Any) -> list[CheckMessage]:
    """Without loading it, which takes longer than all other checks."""
    hint = "Set FACE_BACKEND to auto, or install the pinned requirements again."
    problem = backends.problem()
    return [Error(problem, hint=hint, id="faces.E006")] if problem else []


@register()
def face_index_is_known(**kwargs: Any) -> list[CheckMessage]:
    try:
        implementation(settings.FACE_INDEX)
    except ImportError:
        known = ", ".join(sorted(IMPLEMENTATIONS))
        text = f"FACE_INDEX is “{settings.FACE_INDEX}”; known are: {known}."
        return [Error(text, id="faces.E002")]
    return []


@register()
def face_index_is_configured(**kwargs: Any) -> list[CheckMessage]:
    """Each kind of index knows the settings that it reads."""
    if face_index_is_known():
        return []
    return [*implementation(settings.FACE_INDEX).setting_errors()]


@register(Tags.database)
def searches_found_all(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A service names so many faces and no more (Rekognition 4,096): who has more lacks photos."""
    from faces.models import Enrollment

    if not _has_table(Enrollment, databases):
        return []
    cut_off = Enrollment.objects.filter(truncated=True).order_by("event")
    slugs = cut_off.values_list("event__slug", flat=True).distinct()
    hint = "The local index names them all: manage.py reindex_event EVENT --index local"
    return [
        checks.Warning(
            f"In the event {slug} some guests have more faces than the service names.",
            hint=hint,
            id="faces.W002",
        )
        for slug in slugs
    ]


@register(Tags.database)
def local_indexes_have_the_installed_model(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Another model's templates cannot be compared: until then the events' new photos wait."""
    from faces.models import EventIndex

    if not _has_table(EventIndex, databases):
        return []
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


def _has_table(model: type[Model], databases: Sequence[str] | None) -> bool:
    """Not before the first migration. An empty list: there is no database to ask, as `doctor` says
    where that is away."""
    if databases is not None and not databases:
        return False
    return model._meta.db_table in connection.introspection.table_names()


@diagnosis.register
def face_engine() -> Iterator[Finding]:
    """What recognizes faces on this machine, and how fast one core is at it."""
    if problem := backends.problem():
        yield Finding(f"recognition: {problem}", wrong=True, code="recognition")
        return
    try:
        found = speed.measure()
    except (ImportError, FileNotFoundError) as error:
        yield Finding(f"recognition: {error}", wrong=True, code="recognition")
        return
    yield Finding(
        f"recognition: {found.backend}, {found.photo_ms:.0f} ms to find the faces of a photo,"
        f" {found.face_ms:.0f} ms to describe one",
        code="recognition",
    )
