"""How static files are named and stored."""

from collections.abc import Callable
from functools import cache, cached_property

from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = (r"""(?P<matched>from\s+["'](?P<url>\.{1,2}/[^"']+)["'])""", 'from "%(url)s"')


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """With a digest in every name, and in what our own scripts import from one another.

    Otherwise a new script could be run with an old one that it imports. Django's own switch for
    this reads every script, and stumbles over comments of libraries.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        *((f"{folder}/*.js", (IMPORT,)) for folder in ("site", "events", "photos", "faces")),
    )

    @cached_property
    def url(self) -> Callable[..., str]:
        """A page names thirty files, most of them icons; a process's manifest never changes."""
        return cache(super().url)
