"""The table that goes with exported originals: what each file is, for spreadsheets and scripts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from photos.export.naming import FORMULA
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


def of(originals: Iterable[Original]) -> bytes:
    """UTF-8, with a byte order mark, or spreadsheets misread accents. Times have their zone;
    where nobody knows when a photo was taken, there is none."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for one in originals:
        texts = one.path, _safe(one.name), one.taken_at.isoformat() if one.taken_at else ""
        names = _safe(one.photographer), _safe(one.section)
        numbers = one.width, one.height, one.byte_size
        answers = one.hidden, one.published, one.highlight
        said = ["yes" if answer else "no" for answer in answers]
        table.writerow([*texts, *names, *numbers, one.sha256, *said])
    return out.getvalue().encode("utf-8-sig")


def _safe(text: str) -> str:
    """Of what people wrote: files have names that are safe by themselves."""
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
