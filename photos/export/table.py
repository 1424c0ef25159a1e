"""The table that goes with exported originals: what each file is, for spreadsheets and scripts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from photos.export.originals import Original

# Columns are named in English, whoever exports: scripts read them.
COLUMNS = (
    "file",
    "original_name",
    "taken_at",
    "photographer",
    "section",
    "width",
    "height",
    "bytes",
    "sha256",
    "hidden",
    "published",
    "highlight",
)
# Spreadsheets take what begins so for a formula, and run it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def of(originals: Iterable[Original]) -> bytes:
    """UTF-8, with a byte order mark, or spreadsheets misread accents. Times have their zone."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for one in originals:
        texts = one.path, one.name, one.taken_at.isoformat(), one.photographer, one.section
        numbers = one.width, one.height, one.byte_size
        answers = one.hidden, one.published, one.highlight
        said = ["yes" if answer else "no" for answer in answers]
        table.writerow([*map(_safe, texts), *numbers, one.sha256, *said])
    return out.getvalue().encode("utf-8-sig")


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
