"""Each stable code has words in both languages, and no words are left of a code that went."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import polib
import pytest
from django.utils import translation

from findme.refusals import STORE, UNKNOWN, WORDS, Refusal, words_of
from photos.store import trial

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ["findme", "events", "photos", "faces"]
SCRIPTS = ROOT / "static" / "photos" / "intake" / "upload"
STORED = {"failure_code", "rejection_code", "advice"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Unclear(Exception):
    """An expression that stands for codes which cannot be read out of it."""


class Module:
    """One source file: what its names stand for, and the codes written in it."""

    def __init__(self, source: str) -> None:
        self.nodes = list(ast.walk(ast.parse(source)))
        self.functions = {n.name: n for n in self.nodes if isinstance(n, Function)}
        self.assigned: dict[str, list[ast.expr]] = {}
        for node in self.nodes:
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            target = node.target if isinstance(node, ast.NamedExpr) else target
            if isinstance(target, ast.Name):
                self.assigned.setdefault(target.id, []).append(node.value)

    def classes(self) -> Iterator[ast.ClassDef]:
        return (node for node in self.nodes if isinstance(node, ast.ClassDef))

    def codes_of(  # noqa: C901 - a case for each way to write it
        self, expression: ast.expr | None, seen: frozenset[str] = frozenset()
    ) -> set[str]:
        """The codes that an expression may be. What is handed on (`error.code`) adds none."""

        def of(*parts: ast.expr | None, also: str = "") -> set[str]:
            return set().union(*(self.codes_of(part, seen | {also}) for part in parts))

        match expression:
            case None | ast.Constant(value=None | "") | ast.Attribute():
                return set()
            case ast.Constant(value=str(code)):
                return {code}
            case ast.Name(id=name):
                return of(*self.assigned.get(name, []), also=name) if name not in seen else set()
            case ast.NamedExpr(value=table) | ast.Subscript(value=table):
                return of(table)
            case ast.Dict(keys=keys, values=values):
                return of(*(values if isinstance(next(iter(values), None), ast.Constant) else keys))
            case (
                ast.GeneratorExp(elt=one, generators=loops)
                | ast.DictComp(value=one, generators=loops)
            ):
                return of(next((it for it in map(_source_of(one), loops) if it), one))
            case ast.BoolOp(values=parts) | ast.Call(func=ast.Name(id="next"), args=parts):
                return of(*parts)
            case ast.IfExp(body=one, orelse=other):
                return of(one, other)
            case ast.Call(func=ast.Attribute(value=table, attr="get" | "items"), args=args):
                return of(table, *args[1:])
            case ast.Call(func=ast.Name(id=name)) if name in self.functions:
                within = ast.walk(self.functions[name])
                return of(*(node.value for node in within if isinstance(node, ast.Return)))
        raise Unclear(ast.unparse(expression))


def _source_of(one: ast.expr):
    """What a loop runs over, where it is its variable that is taken."""

    def source(loop: ast.comprehension) -> ast.expr | None:
        names = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
        return loop.iter if isinstance(one, ast.Name) and one.id in names else None

    return source


def place_of_code(function: Function) -> int | None:
    """Where among the arguments of a call the code stands, if it may stand there."""
    names = [each.arg for each in function.args.args if each.arg != "self"]
    return names.index("code") if "code" in names else None


Takers = dict[str, set[int | None]]


def refusals(modules: Iterable[Module]) -> Takers:
    """All exceptions that are refusals: where they take a code."""
    found: Takers = {"Refusal": {0}, "Limit": {2}}
    classes = [one for module in modules for one in module.classes()]
    for _ in range(5):  # generations
        for one in classes:
            if {getattr(base, "id", "") for base in one.bases} & found.keys():
                own = [f for f in one.body if isinstance(f, Function) and f.name == "__init__"]
                found[one.name] = {place_of_code(own[0]) if own else 0}
    return found


def takers(module: Module) -> Takers:
    """The functions with an argument called `code`, by their names: where they take it."""
    found: Takers = {}
    for each in module.nodes:
        if not isinstance(each, Function) or each.name == "__init__":
            continue
        if "code" in {arg.arg for arg in (*each.args.args, *each.args.kwonlyargs)}:
            found.setdefault(each.name, set()).add(place_of_code(each))
    return found


def takers_by_module(modules: list[Module]) -> Iterator[tuple[Module, Takers]]:
    """What each module may call: the public takers of all modules, and its own private ones."""
    everywhere = refusals(modules)
    own = [takers(module) for module in modules]
    for name, places in (item for each in own for item in each.items()):
        if not name.startswith("_"):
            everywhere.setdefault(name, set()).update(places)
    for module, private in zip(modules, own, strict=True):
        yield module, everywhere | {n: at for n, at in private.items() if n.startswith("_")}


def given(call: ast.Call, known: Takers) -> Iterator[ast.expr]:
    """The arguments of a call that are codes."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    for place in known.get(name, set()):
        if place is not None and len(call.args) > place:
            yield call.args[place]
    for keyword in call.keywords:
        if keyword.arg in STORED or (keyword.arg == "code" and name in known):
            yield keyword.value


def _given_to_base(node: ast.AST) -> ast.expr | None:
    is_call = isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__"
    return node.args[0] if is_call else None


def written(module: Module, known: Takers) -> Iterator[ast.expr | None]:
    for node in module.nodes:
        if isinstance(node, ast.Call):
            yield from given(node, known)
        elif isinstance(node, Function):
            defaults = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            yield from (default for arg, default in defaults if arg.arg == "code")
        elif isinstance(node, ast.ClassDef) and node.name in known:
            yield from map(_given_to_base, ast.walk(node))
        elif isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "code":
            yield node.value  # a field's default
        elif isinstance(node, ast.Dict):
            items = zip(node.keys, node.values, strict=True)
            yield from (v for k, v in items if getattr(k, "value", "") == "code")


def codes_of(sources: Iterable[str]) -> set[str]:
    modules = [Module(source) for source in sources]
    return {
        code
        for module, known in takers_by_module(modules)
        for expression in written(module, known)
        for code in module.codes_of(expression)
    }


def codes_of_script(source: str) -> set[str]:
    """All names with underscores, but those of sentences: what else would they be?"""
    source = re.sub(r'wording\.(text|count)\(\s*"\w+"', "", source)
    return set(re.findall(r'"([a-z]+(?:_[a-z]+)+)"', source))


@pytest.fixture(scope="module")
def used() -> set[str]:
    sources = [
        path.read_text()
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
    ]
    scripts = [codes_of_script(path.read_text()) for path in SCRIPTS.glob("*.js")]
    return codes_of(sources).union(*scripts)


@pytest.fixture(scope="module")
def french() -> dict[str, str]:
    catalogue = polib.pofile(str(ROOT / "locale" / "fr" / "LC_MESSAGES" / "django.po"))
    return {entry.msgid: entry.msgstr for entry in catalogue}


def test_each_code_of_the_sources_has_words(used):
    assert used - WORDS.keys() == set()


def test_no_words_are_left_of_a_code_that_nobody_uses(used):
    assert WORDS.keys() - used == set()


@pytest.mark.parametrize("code", WORDS)
def test_words_are_sentences_in_both_languages(code, french):
    with translation.override("en"):
        words = words_of(code)
    assert words.endswith((".", "?"))
    assert french[words].endswith(words[-1])
    assert french[words] != words


def test_operators_are_advised_about_each_fault_of_the_store():
    assert trial.ADVICE.keys() == STORE.keys()


def test_people_are_never_shown_a_code():
    assert Refusal("quite_new").words == words_of("quite_new") == str(UNKNOWN)


SYNTHETIC = """
TABLE = {"TheirCode": "of_table"}
GROUPS = {"of_group": {"X", "Y"}}
BY_CODE = {theirs: ours for ours, group in GROUPS.items() for theirs in group}

class Spoilt(Refusal):
    pass

class Worse(Spoilt):
    def __init__(self, reason):
        super().__init__("of_class")

def why(face):
    reasons = {"of_reasons": face.height < 80, "of_reasons_too": face.dark}
    return next((code for code, is_so in reasons.items() if is_so), None)

def damage(data):
    return "of_function" if data else "of_function_too"

@dataclass
class Limit:
    rates: str
    code: str = "of_field"

LIMITS = {"x": Limit("no code", "no code", "of_place"), "y": Limit("no code", code="of_key")}

def end(claim, code, *, later="no code"):
    update(failure_code=code)

def again(claim, *, code="of_default"):
    end(claim, code)

def raising(error, face):
    code = damage(error)
    raise Spoilt(code)
    raise Spoilt("literal" if error else TABLE[error])
    raise Spoilt(BY_CODE.get(error, "of_rest"))
    if code := why(face):
        raise Spoilt(code)
    raise Spoilt(next((c for face in error if (c := why(face))), "of_next"))
    raise Worse("no code")
    raise ValueError("no code")
    end(error, "of_call")
    again(error, code="of_keyword")
    Row.objects.update(rejection_code="of_row")
    answer({"code": "of_answer", "state": "no code"})
    raise Spoilt(error.code)
"""


def test_codes_are_found_however_they_are_written():
    kinds = "table group class reasons reasons_too function function_too default rest next call"
    rest = "keyword row answer field place key"
    expected = {f"of_{kind}" for kind in (*kinds.split(), *rest.split())}
    assert codes_of([SYNTHETIC]) == {"literal", *expected}
    script = 'settle(item, "refused", "too_large"); wording.text("bytes_done", {a: "b"});'
    assert codes_of_script(script) == {"too_large"}


def test_a_code_is_found_in_a_module_apart_from_what_takes_it():
    takes = """
def fail(claim, code):
    claim.update(failure_code=code)

class Summary:
    def refuse(self, name, code):
        self.refused.append({"code": code})

def _private(code):
    pass
"""
    gives = """
fail(claim, "of_function")
summary.refuse("no code", "of_method")
"""
    namesake = """
def _private(name):
    pass

_private("no code")
"""
    assert codes_of([takes, gives, namesake]) == {"of_function", "of_method"}


def test_a_code_that_cannot_be_read_is_no_way_round():
    with pytest.raises(Unclear, match="elsewhere"):
        codes_of(["raise Refusal(elsewhere.table(error))"])
