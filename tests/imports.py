"""Who imports whom, read from the source without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Graph = Mapping[str, set[str]]

ROOT = Path(__file__).resolve().parent.parent
# The rooms of the house: each may import those before it.
ROOMS = ["findme", "events", "photos", "faces"]


@dataclass(frozen=True)
class Module:
    name: str
    path: Path

    @property
    def part(self) -> str:
        """What it belongs to in its app: a package (`photos.store`) or itself (`photos.models`)."""
        return ".".join(self.name.split(".")[:2])

    def imported(self, *, typing: bool) -> set[str]:
        """Full names of all it imports, in functions too; `typing`: for type checkers too."""
        tree = ast.parse(self.path.read_text())
        package = self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]
        return set(_names(_imports(tree, typing=typing), package))


def modules_of(root: Path, apps: Iterable[str]) -> dict[str, Module]:
    """By name. Migrations are no modules: they keep what was, and nothing imports them."""
    found: dict[str, Module] = {}
    for app in apps:
        for path in sorted((root / app).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            if "migrations" in parts:
                continue
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = Module(name, path)
    return found


def graph_of(modules: Mapping[str, Module], *, typing: bool) -> dict[str, set[str]]:
    """The modules that each imports. `from a.b import c` is of `a.b.c` where that is a module."""
    return {
        name: {
            known
            for imported in module.imported(typing=typing)
            for known in [imported if imported in modules else imported.rpartition(".")[0]]
            if known in modules and known != name
        }
        for name, module in modules.items()
    }


def between_parts(graph: Graph, modules: Mapping[str, Module]) -> dict[str, set[str]]:
    """The same graph with each package in one."""
    parts: dict[str, set[str]] = {}
    for name, imported in graph.items():
        own = modules[name].part
        parts.setdefault(own, set()).update(modules[other].part for other in imported)
        parts[own].discard(own)
    return parts


def circles(graph: Graph) -> set[frozenset[str]]:
    """Sets of modules that all reach each other, by the closure of the graph: it is small."""
    reached = {name: _reached_from(name, graph) for name in graph}
    return {
        frozenset(other for other in reached[name] if name in reached[other])
        for name in graph
        if name in reached[name]
    }


def _reached_from(name: str, graph: Graph) -> set[str]:
    seen: set[str] = set()
    waiting = list(graph[name])
    while waiting:
        if (other := waiting.pop()) not in seen:
            seen.add(other)
            waiting += graph[other]
    return seen


def _imports(node: ast.AST, *, typing: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif not typing and isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            for other in child.orelse:
                yield from _imports(ast.Module([other], []), typing=typing)
        else:
            yield from _imports(child, typing=typing)


def _names(imports: Iterable[ast.Import | ast.ImportFrom], package: str) -> Iterator[str]:
    for node in imports:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
            continue
        base = node.module or ""
        if node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, *filter(None, [node.module])])
        yield from (f"{base}.{alias.name}" for alias in node.names)


def tree(root: Path, files: Mapping[str, str]) -> Path:
    """Write such files below a folder: a house to look at."""
    for name, source in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return root
