"""How long a module may be, and how full a package."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.imports import ROOMS, ROOT, Module, modules_of, tree

MOST_LINES = 350
MOST_MODULES = 18
# Django says what is in these folders.
OF_DJANGO = {"commands", "templatetags"}


@pytest.fixture(scope="module")
def modules() -> dict[str, Module]:
    return modules_of(ROOT, ROOMS)


def too_long(modules: Mapping[str, Module]) -> dict[str, int]:
    lengths = {name: len(module.path.read_text().splitlines()) for name, module in modules.items()}
    return {name: lines for name, lines in lengths.items() if lines > MOST_LINES}


def too_full(modules: Mapping[str, Module]) -> dict[Path, int]:
    counts = Counter(
        module.path.parent
        for module in modules.values()
        if module.path.name != "__init__.py" and module.path.parent.name not in OF_DJANGO
    )
    return {folder: count for folder, count in counts.items() if count > MOST_MODULES}


def test_no_module_is_too_long(modules):
    beside = modules_of(ROOT, ["tests", "benchmarks"])
    assert "tests.test_sizes" in beside
    assert too_long({**modules, **beside}) == {}


def test_no_package_has_too_many_modules(modules):
    assert too_full(modules) == {}


def test_a_module_too_long_is_seen(tmp_path):
    files = {"photos/long.py": "a = 1\n" * 351, "photos/short.py": "a = 1\n" * 350}
    modules = modules_of(tree(tmp_path, files), ROOMS)
    assert too_long(modules) == {"photos.long": 351}


def test_a_package_too_full_is_seen(tmp_path):
    files = {
        f"photos/{folder}/{name}.py": ""
        for folder, count in [("store", 19), ("gallery", 18), ("management/commands", 19)]
        for name in ["__init__", *(f"m{n}" for n in range(count))]
    }
    modules = modules_of(tree(tmp_path, files), ROOMS)
    assert too_full(modules) == {tmp_path / "photos" / "store": 19}
