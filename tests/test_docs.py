"""What the documents name is there: files, modules, commands and each other."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*ROOT.glob("*.md"), ROOT / ".env.example", *ROOT.glob("docs/**/*.md")]
# What was is told there under its old names.
HISTORY = {ROOT / "CHANGELOG.md"}
FOLDERS = "benchmarks|bin|docs|events|faces|findme|locale|photos|static|templates|tests"
APPS = "events|faces|findme|photos"

documents = pytest.mark.parametrize(
    "document",
    [page for page in PAGES if page not in HISTORY],
    ids=lambda page: str(page.relative_to(ROOT)),
)

scripts = pytest.mark.parametrize(
    "script",
    [path for kind in ("js", "css") for path in ROOT.glob(f"static/**/*.{kind}")],
    ids=lambda path: str(path.relative_to(ROOT)),
)


def code_in(text: str) -> str:
    """What is set as code, one span a line: in backticks or in a block."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


def files_named(text: str) -> set[str]:
    return set(re.findall(rf"(?<![\w./-])(?:{FOLDERS})/[\w./*-]*[\w*/]", code_in(text)))


def names_named(text: str) -> set[str]:
    return set(re.findall(rf"(?<![\w./@-])(?:{APPS})(?:\.[A-Za-z_]\w*)+(?![\w/])", code_in(text)))


def comments_in(text: str) -> str:
    """The comments of a script or a style, as code: they name things without backticks."""
    found = re.findall(r"/\*.*?\*/|(?:^|\s)//[^\n]*", text, re.DOTALL)
    return "\n".join(f"`{' '.join(comment.replace('`', ' ').split())}`" for comment in found)


def links(text: str) -> set[str]:
    return {link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link}


def commands_named(text: str) -> set[str]:
    return set(re.findall(r"manage\.py ([a-z_]+)", text))


def exists(name: str) -> bool:
    """Whether a dotted name is a module, something in one, or a model."""
    module, _, attribute = name.rpartition(".")
    if is_module(name) or attribute.lower() in apps.all_models.get(module, {}):
        return True
    return is_module(module) and hasattr(import_module(module), attribute)


def is_module(name: str) -> bool:
    """False too where what should hold it is no package, or not there."""
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def codes_logged(source: str) -> set[str]:
    """The first words of what a module logs, up to what is filled in."""
    return {
        re.match(r"\w*", call.args[0].value)[0]
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("logger.")
    }


def is_explained(code: str, page: str) -> bool:
    """Whole; or where its end is filled in (`together_`), as far as it is known."""
    return re.search(rf"`{code}" if code.endswith("_") else rf"`{code}\b", page) is not None


@documents
def test_files_that_are_named_are_there(document):
    assert {name for name in files_named(document.read_text()) if not any(ROOT.glob(name))} == set()


@documents
def test_modules_and_functions_that_are_named_are_there(document):
    assert {name for name in names_named(document.read_text()) if not exists(name)} == set()


@scripts
def test_what_comments_of_scripts_and_styles_name_is_there(script):
    comments = comments_in(script.read_text())
    assert {name for name in files_named(comments) if not any(ROOT.glob(name))} == set()
    assert {name for name in names_named(comments) if not exists(name)} == set()


@documents
def test_links_lead_somewhere(document):
    assert {
        name for name in links(document.read_text()) if not (document.parent / name).exists()
    } == set()


@documents
def test_commands_that_are_named_are_there(document):
    assert commands_named(document.read_text()) - set(get_commands()) == set()


def test_what_is_not_there_is_seen():
    text = "`photos/uploading.py`, `photos.uploading.add()`, [x](nowhere.md), `manage.py dance`"
    assert files_named(text) == {"photos/uploading.py"}
    assert [name for name in names_named(text) if not exists(name)] == ["photos.uploading.add"]
    assert links(text) == {"nowhere.md"}
    assert commands_named(text) - set(get_commands()) == {"dance"}


def test_what_a_comment_names_and_is_not_there_is_seen():
    text = """
    // A code (photos.intake.ingest.MESSAGES), as
    // photos/uploading.py has it.
    const address = "https://photos.example.com"; // `faces.index`
    /* See faces.looking,
       or findme.refusals.WORDS. */
    photos.first.hidden = true;
    """
    comments = comments_in(text)
    gone = {"photos.intake.ingest.MESSAGES", "faces.looking"}
    assert {name for name in names_named(comments) if not exists(name)} == gone
    assert names_named(comments) - gone == {"faces.index", "findme.refusals.WORDS"}
    assert files_named(comments) == {"photos/uploading.py"}


def test_what_is_there_is_found():
    text = "`photos/store/`, `tests/**/*.py`, `photos.intake.ingest.ingest`, `faces.index`"
    assert all(any(ROOT.glob(name)) for name in files_named(text))
    assert len(files_named(text)) == 2
    assert all(exists(name) for name in names_named(text))


@pytest.mark.parametrize("room", APPS.split("|"))
def test_operators_are_told_what_each_code_in_the_log_means(room):
    page = (ROOT / "docs" / "operations.md").read_text()
    logged = set().union(*(codes_logged(path.read_text()) for path in (ROOT / room).rglob("*.py")))
    assert len(logged) > 3
    assert {code for code in logged if not is_explained(code, page)} == set()


def test_a_code_that_is_logged_and_not_explained_is_seen():
    source = (
        'logger.info("photo_lost id=%s", 1)\nlogger.info("together_%s", "on")\nlogger.error("x")'
    )
    assert codes_logged(source) == {"photo_lost", "together_", "x"}
    page = "`photo_lost_again`, `together_on`, `x error=…`"
    assert [code for code in codes_logged(source) if not is_explained(code, page)] == ["photo_lost"]


def test_each_test_of_a_fault_is_in_their_table_and_those_named_there_are_there():
    folder = ROOT / "tests" / "faults"
    table = (folder / "__init__.py").read_text()
    modules = {path.name: path.read_text() for path in folder.glob("test_*.py")}
    assert set(re.findall(r"`(test_\w+\.py)`", table)) == set(modules)
    assert {name for name in files_named(table) if not (ROOT / name).exists()} == set()
    tests = set(re.findall(r"^def (test_\w+)", "".join(modules.values()), re.MULTILINE))
    assert set(re.findall(r"`(test_\w+)`", table)) <= tests
