"""The language that is spoken now. `events.language` decides which one that is."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language


def current_language() -> str:
    """That of the page, or the letter, that is being made; the site's where there is none."""
    return get_language() or str(settings.LANGUAGE_CODE)
