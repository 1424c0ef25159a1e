"""The rooms of the house, and what may pass between them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Each room may import those before it.
ROOMS = ["findme", "events", "photos", "faces"]


# What fields of models call for new rows, and migrations name: it says nothing of the schema.
DEFAULTS = {"events.codes"}


def imported(source: str) -> set[str]:
    """Modules of ours."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name for name in names if name.split(".")[0] in ROOMS}


def imported_rooms(source: str) -> set[str]:
    return {name.split(".")[0] for name in imported(source)}


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_one_way(room):
    above = set(ROOMS[ROOMS.index(room) + 1 :])
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in (ROOT / room).rglob("*.py")
        if (found := imported_rooms(path.read_text()) & above)
    }
    assert wrong == {}


def test_an_import_upwards_is_seen():
    assert imported_rooms("def f():\n    from faces.models import Face") == {"faces"}


def test_the_photo_room_knows_of_no_selfies():
    """Whoever keeps pictures says so itself: see `photos.store.rows.StoredPictures`."""
    photos = (ROOT / "photos").rglob("*.py")
    assert [str(path) for path in photos if "selfie" in path.read_text().lower()] == []


def test_migrations_do_what_they_did_when_they_were_written():
    """They import no module of ours that changes: their SQL stands beside them."""
    migrations = [path for room in ROOMS for path in (ROOT / room).glob("migrations/0*.py")]
    assert migrations
    assert set().union(*(imported(path.read_text()) for path in migrations)) <= DEFAULTS


def modules_with(text: str) -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if text in path.read_text()
    }


def test_only_the_jobs_module_enqueues():
    assert modules_with("async_task") == {"findme/jobs.py"}


def test_only_a_withdrawal_erases_a_guest_so_that_each_has_its_receipt():
    assert modules_with("erasing.erase(") == {"faces/privacy/withdrawal.py"}
