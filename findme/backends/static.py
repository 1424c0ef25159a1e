"""How static files are named, stored and compressed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = (r"""(?P<matched>from\s+["'](?P<url>\.{1,2}/[^"']+)["'])""", 'from "%(url)s"')

# What guests load, and so what Brotli is worth its time for: of all files together it would take
# half a minute, at each start with new ones, where gzip takes two seconds.
FOR_GUESTS = ("site", "pages", "events", "photos", "faces", "blurhash", "htmx", "photoswipe")


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
    """With a digest in every name, and in what our own scripts import from one another.

    Otherwise a new script could be run with an old one that it imports. Django's own switch for
    this reads every script, and stumbles over comments of libraries.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        *((f"{folder}/*.js", (IMPORT,)) for folder in ("site", "events", "photos", "faces")),
    )

    def create_compressor(self, **options: Any) -> GuestsFirst:
        folders = [Path(self.path(name)) for name in FOR_GUESTS]
        return GuestsFirst(folders, **options)

    @cached_property
    def url(self) -> Callable[..., str]:
        """A page names thirty files, most of them icons; a process's manifest never changes."""
        return cache(super().url)
