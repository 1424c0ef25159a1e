"""E-mail that is kept in files, where no server is named: for whoever runs FindMe to read, and for
nobody else on the machine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends import filebased

KEPT_SECONDS = 30 * 24 * 3600


class EmailBackend(filebased.EmailBackend):
    """Django's, with files that their owner alone may read: links in them sign in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        Path(self.file_path).chmod(0o700)

    def open(self) -> bool:
        is_new: bool = super().open()  # type: ignore[assignment]
        if is_new:  # nothing is written yet
            os.fchmod(self.stream.fileno(), 0o600)
        return is_new


def forget(is_meant: Callable[[str], bool]) -> None:
    """Remove the letters whose text is meant."""
    for path in _files():
        if is_meant(path.read_bytes().decode(errors="replace")):
            path.unlink(missing_ok=True)


def drop_old() -> None:
    """Mail that nobody collects is not kept for ever."""
    before = time.time() - KEPT_SECONDS
    for path in _files():
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)


def _files() -> Iterator[Path]:
    is_kept_in_files = settings.EMAIL_BACKEND == f"{__name__}.EmailBackend"  # noqa: SIM300
    if is_kept_in_files and settings.EMAIL_FILE_PATH:
        yield from Path(settings.EMAIL_FILE_PATH).glob("*.log")
