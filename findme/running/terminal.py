"""Where commands draw their progress, and write the names of files."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.management.base import OutputWrapper
from tqdm import tqdm

# Of signs: controls, what turns the direction of writing, halves of others, and ends of lines.
UNPRINTABLE = frozenset(["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])


@dataclass(frozen=True)
class Terminal:
    """A command's stream for `tqdm`: Django's own ends whatever is written, also each drawing of a
    bar, with a new line, and colours it as an error."""

    stream: OutputWrapper

    def write(self, text: str) -> None:
        self.stream.write(text, style_func=str, ending="")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def progress(
    rows: Iterable[Any] | None = None,
    *,
    unit: str,
    stream: OutputWrapper,
    verbosity: int,
    total: int | None = None,
) -> tqdm[Any]:
    """A bar, drawn where the stream is a terminal."""
    disable = True if verbosity == 0 else None
    return tqdm(rows, total=total, unit=unit, file=Terminal(stream), disable=disable)


def plain(name: str) -> str:
    """A file's name on one line, with nothing that a terminal or a log would obey, or could not
    write: such signs stand as Python writes them."""
    return "".join(
        ascii(sign)[1:-1] if unicodedata.category(sign) in UNPRINTABLE else sign for sign in name
    )
