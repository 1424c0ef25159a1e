"""Where static files come from: pictures, and the bundles that bin/bundle.js makes of scripts and
styles."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import TypedDict

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Names of bundles say what is in them, so browsers need never ask again.
BUNDLE = r"^.*/bundles/[\w-]+-[A-Z0-9]{8}\.\w+$"


class Bundle(TypedDict):
    """Names of files: what a page needs, and what of it browsers should fetch early."""

    styles: list[str]
    scripts: list[str]
    chunks: list[str]
    fonts: list[str]


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """With a digest in every name. Django's manifest knows those of pictures, ours of bundles."""

    @cached_property
    def url(self) -> Callable[..., str]:
        """A page names thirty files, most of them icons; a process's manifest never changes."""
        return cache(super().url)


def bundle(page: str) -> Bundle:
    """What belongs to one of static/pages. Raises `ImproperlyConfigured` where nobody made it."""
    try:
        found: Bundle = _bundles(settings.BUNDLES)[page]
    except (OSError, KeyError):
        raise ImproperlyConfigured(
            f"The bundle {page!r} is not in {settings.BUNDLES}: bin/run and bin/test make it, and"
            " so does `node bin/bundle.js`."
        ) from None
    return found


def bundle_url(file: str) -> str:
    return f"{settings.STATIC_URL}bundles/{file}"


@cache
def _bundles(folder: Path) -> dict[str, Bundle]:
    found: dict[str, Bundle] = json.loads((folder / "pages.json").read_text())
    return found
