"""System checks of the face room: a missing or altered model must not pass for a poor match."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from faces import engine
from faces.index import IMPLEMENTATIONS


@register()
def face_models_are_the_known_ones(**kwargs: Any) -> list[CheckMessage]:
    """The recognition models are there, byte for byte (checked by their hashes)."""
    hint = "Install the pinned requirements again: pip install -r requirements.txt"
    return [Error(problem, hint=hint, id="faces.E001") for problem in engine.model_problems()]


@register()
def face_index_is_known(**kwargs: Any) -> list[CheckMessage]:
    if settings.FACE_INDEX in IMPLEMENTATIONS or "." in settings.FACE_INDEX:
        return []
    known = ", ".join(sorted(IMPLEMENTATIONS))
    return [Error(f"FACE_INDEX is “{settings.FACE_INDEX}”; known are: {known}.", id="faces.E002")]
