"""Where static files come from, and how they are compressed: pictures, and the bundles that
bin/bundle.js makes of scripts and styles."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypedDict

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Names of bundles say what is in them, so browsers need never ask again.
BUNDLE = r"^.*/bundles/[\w-]+-[A-Z0-9]{8}\.\w+$"

# What guests load, and so what Brotli is worth its time for: of all files together it would take
# half a minute, at each start with new ones, where gzip takes two seconds.
FOR_GUESTS = ("bundles", "img")


class Bundle(TypedDict):
    """Names of files: what a page needs, and what of it browsers should fetch early."""

    styles: list[str]
    scripts: list[str]
    chunks: list[str]
    fonts: list[str]


class GuestsFirst(Compressor):  # type: ignore[misc]
    """Both ways for what is in these folders, gzip alone for the others."""

    def __init__(self, folders: Iterable[Path], **options: Any) -> None:
        super().__init__(**options)
        self.folders = tuple(folders)
        self.others = Compressor(use_brotli=False, **options)

    def compress(self, path: str) -> list[str]:
        is_for_guests = any(Path(path).is_relative_to(folder) for folder in self.folders)
        is_worth_it = is_for_guests and not path.endswith(".map")
        compress = super().compress if is_worth_it else self.others.compress
        return list(compress(path))


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """With a digest in every name. Django's manifest knows those of pictures, ours of bundles."""

    def create_compressor(self, **options: Any) -> GuestsFirst:
        folders = [Path(self.path(name)) for name in FOR_GUESTS]
        return GuestsFirst(folders, **options)

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
