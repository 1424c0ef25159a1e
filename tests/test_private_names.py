"""docs/private-interfaces.md, the tests that pin them and the code name the same interfaces."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.imports import modules_of

ROOT = Path(__file__).resolve().parent.parent
APPS = ["findme", "events", "photos", "faces"]
PAGE = (ROOT / "docs" / "private-interfaces.md").read_text()
# What Django documents, `_db` in the examples of its managers, and Python of its named tuples.
DOCUMENTED = {"_db", "_default_manager", "_fields", "_meta"}


def sources() -> dict[str, ast.Module]:
    modules = modules_of(ROOT, APPS).values()
    return {str(one.path.relative_to(ROOT)): ast.parse(one.path.read_text()) for one in modules}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def own_names(tree: ast.Module) -> set[str]:
    """Underscored names that a module defines: functions, fields, and what `self` is given."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def borrowed_names(trees: dict[str, ast.Module]) -> set[str]:
    """Underscored attributes that no module of ours defines, and modules that are private."""
    own = set().union(*map(own_names, trees.values()))
    found = set()
    for node in (node for tree in trees.values() for node in ast.walk(tree)):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            found |= {node.attr} - own - DOCUMENTED
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                path = [*(node.module or "").split("."), alias.name]
                if path[0] not in APPS and any(is_private(x) or x == "internal" for x in path):
                    found.add(".".join(path))
    return found


def overridden_names() -> set[str]:
    """Underscored methods of libraries' classes that ours replace."""
    return {
        name
        for module in map(import_module, modules_of(ROOT, APPS))
        for own in vars(module).values()
        if isinstance(own, type) and own.__module__ == module.__name__
        for name in filter(is_private, vars(own))
        if callable(getattr(own, name)) or isinstance(vars(own)[name], property)
        for base in own.__mro__[1:]
        if base.__module__.split(".")[0] not in APPS and name in vars(base)
    }


def named_on(page: str) -> set[str]:
    return set(re.findall(r"[\w.]+", " ".join(re.findall(r"`([^`]+)`", page))))


def test_the_page_names_every_private_name_in_use():
    used = borrowed_names(sources()) | overridden_names()
    assert "_inject_signature_to_request" in used
    named = {part for name in named_on(PAGE) for part in (name, name.rpartition(".")[2])}
    assert {name for name in used if not {name, name.rpartition(".")[0]} & named} == set()


@pytest.mark.parametrize(
    "source",
    [
        "def f(query): return query._secret",
        "class A(B):\n    def f(self): return self._secret()",
        "from library._secret import thing",
        "from library import _secret",
        "from library.internal.secret import thing",
        "from library.core import internal",
    ],
)
def test_a_private_name_in_use_is_seen(source):
    assert borrowed_names({"a.py": ast.parse(source)})


def test_our_own_and_documented_names_are_not_private():
    source = "class A:\n    def _f(self): self._g = self._f()\n    x = B._meta"
    assert borrowed_names({"a.py": ast.parse(source)}) == set()


def test_page_and_tests_list_the_same():
    sections = PAGE.split("\n## ")[1:]
    pinned = [set(re.findall(r"`(test_\w+)`", text.partition("Pinned by")[2])) for text in sections]
    assert all(pinned)
    files = (ROOT / "tests" / "private_interfaces").glob("test_*.py")
    tests = "".join(path.read_text() for path in files)
    assert set().union(*pinned) == set(re.findall(r"^def (test_\w+)", tests, re.MULTILINE))


def test_the_page_names_files_that_are_there():
    for text in PAGE.split("\n## ")[1:]:
        used = text.partition("- Used in ")[2].partition("- Why")[0]
        files = re.findall(r"`([^`]+)`", used)
        assert files
        assert [name for name in files if not (ROOT / name).is_file()] == []
