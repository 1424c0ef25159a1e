"""The rooms of the house, their packages, and what may pass between them."""

from __future__ import annotations

import ast
from collections.abc import Mapping

import pytest

from tests.imports import (
    ROOMS,
    ROOT,
    Module,
    between_parts,
    circles,
    graph_of,
    modules_of,
    tree,
)

# What puts an app together may import all of it, and nothing else may import these.
ON_TOP = {
    "admin",
    "apps",
    "checks",
    "health",
    "management",
    "receivers",
    "tasks",
    "templatetags",
    "urls",
}
# Each app's packages and modules from the top down. Each may import what is below its own line;
# beside it, what `BESIDE` allows.
LAYERS = {
    "findme": [
        {*ON_TOP, "settings", "wsgi"},
        {"serving", "sweeps"},
        {"leftovers"},
        {"compiled_query", "diagnosis", "env", "jobs", "language", "limits"},
        {"space", "text"},
        {"http"},
        {"backends", "formats", "running", "refusals"},
        {"queue"},
        {"migrations"},
    ],
    "events": [
        ON_TOP,
        {"desk", "entrance"},
        {"access", "audit", "commands", "gone", "installing", "language", "letters"},
        {"visits"},
        {"models", "querysets", "account_models"},
        {"codes"},
    ],
    "photos": [
        ON_TOP,
        {"clocks", "desk", "gallery", "delivery", "intake", "export"},
        {"binning"},
        {"removing", "sections"},
        {"models", "querysets", "turn_models", "desk_models", "guest_models"},
        {"audience"},
        {"store"},
        {"imaging", "layout"},
        {"signals"},
    ],
    "faces": [
        ON_TOP,
        {"desk", "guest", "privacy", "notices"},
        {"finding"},
        {"models", "querysets", "consent_models", "guest_models", "letter_models"},
        {"index"},
        {"working"},
        {"vision"},
        {"errors"},
    ],
}
BESIDE = {
    ("events.desk", "events.entrance"),
    ("photos.desk", "photos.gallery"),
    ("photos.gallery", "photos.delivery"),
    ("photos.export", "photos.delivery"),
    # A guest asks for e-mail where they wait for photos, and stops it where they withdraw.
    ("faces.guest", "faces.notices"),
    ("faces.privacy", "faces.notices"),
    # A guest agrees, and disagrees, where they are asked.
    ("faces.guest", "faces.privacy"),
    # Who removes a guest from an event ends the consent, as the guest would; guests are told.
    ("faces.desk", "faces.privacy"),
    ("faces.desk", "faces.notices"),
    # Querysets annotate with other models; models have querysets as managers.
    *(
        pair
        for app in ROOMS
        for pair in [
            (f"{app}.models", f"{app}.querysets"),
            (f"{app}.querysets", f"{app}.models"),
        ]
    ),
    ("events.models", "events.account_models"),
    ("events.account_models", "events.querysets"),
    *(("photos.models", f"photos.{rows}_models") for rows in ("turn", "desk", "guest")),
    ("photos.guest_models", "photos.querysets"),
    ("faces.models", "faces.consent_models"),
    ("faces.querysets", "faces.consent_models"),
    ("faces.models", "faces.guest_models"),
    ("faces.models", "faces.letter_models"),
}
MAY_BE_CIRCLES = {frozenset({f"{app}.models", f"{app}.querysets"}) for app in ROOMS}


@pytest.fixture(scope="module")
def modules() -> dict[str, Module]:
    return modules_of(ROOT, ROOMS)


@pytest.fixture
def house(tmp_path):
    """`house({"photos/models.py": "import photos.store"})`: the modules of such a tree."""

    return lambda files: modules_of(tree(tmp_path, files), ROOMS)


# --- between apps ---


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
    """Whoever keeps pictures says so itself: see `photos.store.models.StoredPictures`."""
    photos = (ROOT / "photos").rglob("*.py")
    assert [str(path) for path in photos if "selfie" in path.read_text().lower()] == []


def test_migrations_do_what_they_did_when_they_were_written():
    """They import no module of ours that changes: their SQL stands beside them."""
    migrations = [path for room in ROOMS for path in (ROOT / room).glob("migrations/0*.py")]
    assert migrations
    assert set().union(*(imported(path.read_text()) for path in migrations)) <= DEFAULTS


# --- inside an app ---


def layer_of(part: str) -> int:
    """The line of `LAYERS` it is in; without one it counts as on top."""
    app, _, name = part.partition(".")
    return next((number for number, layer in enumerate(LAYERS[app]) if name in layer), 0)


def is_allowed(importer: str, imported: str) -> bool:
    if importer.split(".")[0] != imported.split(".")[0] or importer == imported:
        return True
    above, below = layer_of(importer), layer_of(imported)
    return above == 0 or above < below or (importer, imported) in BESIDE


def wrong_ways(modules: Mapping[str, Module]) -> set[tuple[str, str]]:
    return {
        (name, other)
        for name, imported in graph_of(modules, typing=True).items()
        for other in imported
        if not is_allowed(modules[name].part, modules[other].part)
    }


def without_a_place(modules: Mapping[str, Module]) -> set[str]:
    placed = {f"{app}.{part}" for app in ROOMS for layer in LAYERS[app] for part in layer}
    return {module.part for module in modules.values()} - placed - set(ROOMS)


def test_each_package_has_its_place(modules):
    assert without_a_place(modules) == set()


def test_imports_inside_an_app_run_one_way(modules):
    assert wrong_ways(modules) == set()


@pytest.mark.parametrize(
    ("path", "source", "imported"),
    [
        ("photos/store/rows.py", "from photos.models import Photo", "photos.models"),
        ("photos/store/rows.py", "def f():\n    from photos import models", "photos.models"),
        ("photos/store/rows.py", "from ..models import Photo", "photos.models"),
        ("photos/store/__init__.py", "from .. import models", "photos.models"),
        ("photos/delivery/rows.py", "import photos.gallery.tiles", "photos.gallery.tiles"),
        ("photos/layout/rows.py", "from photos.tasks import run", "photos.tasks"),
        ("photos/store/rows.py", "if TYPE_CHECKING:\n    import photos.models", "photos.models"),
    ],
)
def test_an_import_that_runs_the_wrong_way_is_seen(house, path, source, imported):
    files = {"photos/models.py": "", "photos/tasks.py": "", "photos/gallery/tiles.py": ""}
    wrong = wrong_ways(house({**files, path: source}))
    assert {other for _, other in wrong} == {imported}


def test_imports_that_run_the_right_way_are_allowed(house):
    modules = house(
        {
            "photos/gallery/tiles.py": "import photos.models, photos.delivery.addresses",
            "photos/delivery/addresses.py": "from photos.store import rows",
            "photos/models.py": "from photos.store import rows",
            "photos/store/rows.py": "from photos.store import __init__",
            "photos/store/__init__.py": "",
            "photos/tasks.py": "from photos import gallery, admin",
            "photos/admin.py": "import photos.gallery.tiles",
        }
    )
    assert wrong_ways(modules) == set()


def test_a_package_without_a_place_is_seen(house):
    modules = house({"photos/__init__.py": "", "photos/attic/box.py": "", "photos/models.py": ""})
    assert without_a_place(modules) == {"photos.attic"}


# --- circles ---


def test_there_is_no_circle_of_modules(modules):
    assert circles(graph_of(modules, typing=False)) - MAY_BE_CIRCLES == set()


def test_there_is_no_circle_of_packages(modules):
    graph = between_parts(graph_of(modules, typing=False), modules)
    assert circles(graph) - MAY_BE_CIRCLES == set()


def test_a_circle_of_modules_is_seen_in_functions_but_not_for_type_checkers(house):
    modules = house(
        {
            "photos/store/a.py": "from photos.store import b",
            "photos/store/b.py": "def f():\n    import photos.store.c",
            "photos/store/c.py": "from photos.store.a import thing",
            "photos/store/d.py": "from photos.store import e",
            "photos/store/e.py": "if TYPE_CHECKING:\n    from photos.store.d import Thing",
        }
    )
    found = circles(graph_of(modules, typing=False))
    assert found == {frozenset({"photos.store.a", "photos.store.b", "photos.store.c"})}


def test_a_circle_of_packages_is_seen_where_no_modules_are_in_one(house):
    modules = house(
        {
            "photos/gallery/tiles.py": "import photos.delivery.addresses",
            "photos/delivery/addresses.py": "",
            "photos/delivery/serving.py": "from photos.gallery import covers",
            "photos/gallery/covers.py": "",
        }
    )
    graph = graph_of(modules, typing=False)
    assert circles(graph) == set()
    assert circles(between_parts(graph, modules)) == {
        frozenset({"photos.gallery", "photos.delivery"})
    }


def test_models_and_querysets_may_not_draw_a_third_into_their_circle(house):
    modules = house(
        {
            "photos/models.py": "import photos.querysets",
            "photos/querysets.py": "import photos.models, photos.store.rows",
            "photos/store/rows.py": "import photos.models",
        }
    )
    assert circles(graph_of(modules, typing=False)) - MAY_BE_CIRCLES != set()
