"""What happens in one place only, so that nobody gets round what is done there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.imports import modules_of

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ["findme", "events", "photos", "faces"]


def sources() -> dict[str, str]:
    modules = modules_of(ROOT, ROOMS).values()
    return {str(one.path.relative_to(ROOT)): one.path.read_text() for one in modules}


def modules_with(text: str) -> set[str]:
    return {path for path, source in sources().items() if text in source}


def test_only_the_jobs_module_enqueues():
    assert modules_with("async_task") == {"findme/jobs.py"}


def test_only_a_withdrawal_erases_a_guest_so_that_each_has_its_receipt():
    assert modules_with("erasing.erase(") == {"faces/privacy/withdrawal.py"}


def named(node: ast.expr) -> str:
    """`a.b.c` of `a.b(x).c[y]`: what an expression goes through, without what calls are given."""
    match node:
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return named(inner)
        case ast.Attribute(value=inner, attr=name):
            return f"{named(inner)}.{name}"
        case ast.Name(id=name):
            return name
        case _:
            return ""


def deleted(source: str) -> list[str]:
    """What a module calls `delete()` on."""
    return [
        named(node.func.value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("delete", "adelete", "_raw_delete")
    ]


def deletes_photos(source: str) -> bool:
    return any(re.search(r"\b(Photo|photos)\b|\bphoto$", what) for what in deleted(source))


def test_photos_go_by_one_door_so_that_whoever_keeps_something_of_them_hears_of_it():
    deleting = {path for path, source in sources().items() if deletes_photos(source)}
    assert deleting == {"photos/removing.py"}


@pytest.mark.parametrize(
    "source",
    [
        "Photo.objects.filter(pk__in=batch).delete()",
        "event.photos.all().delete()",
        "photo.delete()",
        "photos = rows()\nphotos.delete()",
    ],
)
def test_a_second_door_is_seen(source):
    assert deletes_photos(source)


def test_what_hangs_on_photos_may_go_elsewhere():
    assert not deletes_photos("Favourite.objects.filter(photo__in=photos).delete()")
    assert not deletes_photos("photo.faces.all().delete()")
