"""What `manage.py doctor` looks at. Each room registers what only it knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    text: str
    wrong: bool = False


Part = Callable[[], Iterator[Finding]]
_parts: list[Part] = []


def register(part: Part) -> Part:
    """Have `doctor` print what this part finds, after its own."""
    _parts.append(part)
    return part


def parts() -> tuple[Part, ...]:
    return tuple(_parts)
