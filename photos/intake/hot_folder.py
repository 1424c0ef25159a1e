"""A folder that fills while one watches: its finished files are taken in, each once."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from events.models import Event, User
from findme.running.terminal import plain
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
class FileState:
    """A file's size and time in one round. Written to again, it has another state."""

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
    # The state of each unfinished file, and since when it has not changed.
    _seen: dict[Path, tuple[FileState, float]] = field(default_factory=dict)
    _done: dict[Path, FileState] = field(default_factory=dict)
    # What became of all files since the start; rounds that broke off count too.
    totals: Counter[Outcome] = field(default_factory=Counter)

    def poll(self, at_seconds: float, *, stopped: Callable[[], bool]) -> Counter[Outcome]:
        """One round: take what is finished, until `stopped`. `at_seconds`: a monotonic clock's.

        Raises `FileNotFoundError` if the folder is gone.
        """
        counts: Counter[Outcome] = Counter()
        present = dict(self._files())
        for path, state in sorted(present.items()):
            if stopped():
                break
            if self._is_finished(path, state, at_seconds):
                outcome = self._take(path)
                self._done[path] = state
                counts[outcome] += 1
                self.totals[outcome] += 1
        self._forget_all_but(present)
        return counts

    @property
    def unfinished(self) -> int:
        return len(self._seen)

    def _files(self) -> Iterator[tuple[Path, FileState]]:
        if not self.folder.is_dir():
            raise FileNotFoundError(self.folder)
        for parent, folders, names in os.walk(self.folder):
            folders[:] = [name for name in folders if not is_unfinished(name)]
            for name in names:
                path = Path(parent, name)
                if is_unfinished(name) or archives.is_ignored((name,)):
                    continue
                try:
                    found = path.stat()
                except OSError:  # renamed or removed since it was listed
                    continue
                yield path, FileState(found.st_size, found.st_mtime_ns)

    def _is_finished(self, path: Path, state: FileState, at_seconds: float) -> bool:
        if self._done.get(path) == state:
            return False
        seen, since = self._seen.get(path, (state, at_seconds))
        if seen != state:
            since = at_seconds
        self._seen[path] = state, since
        return state.size > 0 and at_seconds - since >= self.settle_seconds

    def _take(self, path: Path) -> Outcome:
        self._seen.pop(path, None)
        try:
            data = ingest.read(sources.of_file(path), self.event)
            taken = ingest.ingest(
                event=self.event, data=data, name=path.name, uploader=self.uploader
            )
        except (UnusableImage, UploadNotAllowed) as error:
            logger.warning("hot_folder_refused code=%s file=%s", error.code, plain(str(path)))
            return Outcome.REFUSED
        return taken.outcome

    def _forget_all_but(self, present: dict[Path, FileState]) -> None:
        self._seen = {path: seen for path, seen in self._seen.items() if path in present}
        self._done = {path: done for path, done in self._done.items() if path in present}


def is_unfinished(name: str) -> bool:
    """Whether a name says that the file or folder is not meant to be read yet."""
    lowered = name.lower()
    return lowered.startswith(UNFINISHED_PREFIXES) or Path(lowered).suffix in UNFINISHED_SUFFIXES
