"""Names of exported files: the photographers' own, fit for every file system, each once."""

from __future__ import annotations

import re
import unicodedata
from itertools import count
from pathlib import PurePosixPath

# What Windows forbids in names, and macOS and archives take for borders of folders.
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
# Names of devices, with any suffix.
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
# Names of our own tables, of one archive or of several.
TABLES = re.compile(r"photos(?:-\d+)?\.csv$", re.IGNORECASE)
# Spreadsheets take what begins so for a formula, and run it.
FORMULA = ("=", "+", "-", "@")
# Of a name's stem; with its suffix and a number less than the 255 bytes that file systems take.
STEM_BYTES = 200
SUFFIX_BYTES = 20


class Names:
    """Hands out names, each once. Those that differ by case alone are one on most computers, and on
    Macs those in which an accent is written as one character or as two."""

    def __init__(self, *taken: str) -> None:
        self._taken = set(map(_key, taken))
        # From which number on each is free: thousands of files may have one name.
        self._next: dict[str, int] = {}

    def one(self, folder: str, name: str) -> str:
        """A path of a file in a folder of ours (or in none), `IMG_1 (2).jpg` if need be."""
        clean = PurePosixPath(fit(name))
        path = f"{folder}/{clean}" if folder else str(clean)
        key = _key(path)
        if key in self._taken:
            for number in count(self._next.get(key, 2)):
                self._next[key] = number + 1
                other = f"{clean.stem} ({number}){clean.suffix}"
                path = f"{folder}/{other}" if folder else other
                if _key(path) not in self._taken:
                    break
        self._taken.add(_key(path))
        return path


def fit(name: str) -> str:
    """A name that leads nowhere, that every computer can write, and no spreadsheet runs."""
    name = FORBIDDEN.sub("_", name).strip(". ") or "photo"
    if RESERVED.match(name) or TABLES.match(name) or name.lstrip().startswith(FORMULA):
        name = f"_{name}"
    pure = PurePosixPath(name)
    return (_shortened(pure.stem, STEM_BYTES) + _shortened(pure.suffix, SUFFIX_BYTES)).rstrip(". ")


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _shortened(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")
