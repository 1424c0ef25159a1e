"""A folder that fills while one watches: its finished files are taken in, each once."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from events.models import Event, User
from photos.imaging.images import UnusableImage
from photos.intake import archives, ingest, sources
from photos.intake.ingest import UploadNotAllowed
from photos.intake.outcomes import Outcome

logger = logging.getLogger(__name__)

# What cameras' software, browsers and FTP servers call a file they are still writing.
UNFINISHED_SUFFIXES = frozenset(
    {".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".filepart", ".upload"}
)
UNFINISHED_PREFIXES = (".", "~")


@dataclass(frozen=True)
class Version:
    """A file as it was in one round. Written to again, it is another version."""

    size: int
    mtime_ns: int


@dataclass
class HotFolder:
    """Takes each finished file once. A file is finished when it has stayed as it is long enough.

    What was taken is remembered while this object lives; after a restart the files are read again,
    and the event says of each that it is there already.
    """

    folder: Path
    event: Event
    uploader: User | None
    settle_seconds: float
    # Each unfinished file's version, and since when it is seen unchanged.
    _seen: dict[Path, tuple[Version, float]] = field(default_factory=dict)
    _done: dict[Path, Version] = field(default_factory=dict)
    # What became of all files since the start; rounds that broke off count too.
    totals: Counter[Outcome] = field(default_factory=Counter)

    def poll(self, at_seconds: float, *, stopped: Callable[[], bool]) -> Counter[Outcome]:
        """One round: take what is finished, until `stopped`. `at_seconds`: a monotonic clock's.

        Raises `FileNotFoundError` if the folder is gone.
        """
        counts: Counter[Outcome] = Counter()
        present = dict(self._files())
        for path, version in sorted(present.items()):
            if stopped():
                break
            if self._is_finished(path, version, at_seconds):
                outcome = self._take(path)
                self._done[path] = version
                counts[outcome] += 1
                self.totals[outcome] += 1
        self._forget_all_but(present)
        return counts

    @property
    def unfinished(self) -> int:
        return len(self._seen)

    def _files(self) -> Iterator[tuple[Path, Version]]:
        if not self.folder.is_dir():
            raise FileNotFoundError(self.folder)
        for parent, folders, names in os.walk(self.folder):
            folders[:] = [name for name in folders if not is_unfinished(name)]
            for name in names:
                path = Path(parent, name)
                if is_unfinished(name) or archives.is_ignored((name,)):
                    continue
                try:
                    state = path.stat()
                except OSError:  # renamed or removed since it was listed
                    continue
                yield path, Version(state.st_size, state.st_mtime_ns)

    def _is_finished(self, path: Path, version: Version, at_seconds: float) -> bool:
        if self._done.get(path) == version:
            return False
        seen, since = self._seen.get(path, (version, at_seconds))
        if seen != version:
            since = at_seconds
        self._seen[path] = version, since
        return version.size > 0 and at_seconds - since >= self.settle_seconds

    def _take(self, path: Path) -> Outcome:
        self._seen.pop(path, None)
        try:
            data = sources.read_file(path, settings.PHOTO_MAX_BYTES)
            taken = ingest.ingest(
                event=self.event, data=data, name=path.name, uploader=self.uploader
            )
        except (UnusableImage, UploadNotAllowed) as error:
            logger.warning("hot_folder_refused code=%s file=%s", error.code, path)
            return Outcome.REFUSED
        return taken.outcome

    def _forget_all_but(self, present: dict[Path, Version]) -> None:
        self._seen = {path: seen for path, seen in self._seen.items() if path in present}
        self._done = {path: done for path, done in self._done.items() if path in present}


def is_unfinished(name: str) -> bool:
    """Whether a name says that the file or folder is not meant to be read yet."""
    lowered = name.lower()
    return lowered.startswith(UNFINISHED_PREFIXES) or Path(lowered).suffix in UNFINISHED_SUFFIXES
