"""A test of a browser or of faults has a second chance, and is named if it needed it."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests import conftest, reruns

pytest_plugins = ["pytester"]

MOODS = """
    import pytest

    attempts = {}

    def fail(name, times):
        attempts[name] = attempts.get(name, 0) + 1
        assert attempts[name] > times, f"bad day {attempts[name]}"

    @pytest.mark.browser
    def test_browser_once(): fail("browser", 1)

    @pytest.mark.faults
    def test_faults_once(): fail("faults", 1)

    @pytest.mark.browser
    def test_browser_never(): fail("never", 0)
"""
BROKEN_BROWSER = """
    @pytest.mark.browser
    def test_browser_twice(): fail("twice", 2)
"""
BROKEN = """
    def test_plain_once(): fail("plain", 1)

    @pytest.mark.engine
    def test_engine_once(): fail("engine", 1)
"""


@pytest.fixture(params=[(), ("-p", "xdist", "-n", "2")], ids=["alone", "xdist"])
def run(request, pytester, monkeypatch):
    """Runs tests under the project's own settings of pytest, without the plugins they need not."""
    monkeypatch.setenv("PYTHONPATH", str(conftest.ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    ours = (conftest.ROOT / "pyproject.toml").read_text().splitlines(keepends=True)
    without_django = [line for line in ours if not line.startswith("DJANGO_SETTINGS_MODULE")]
    pytester.makefile(".toml", pyproject="".join(without_django))
    pytester.makeconftest(
        "from tests.reruns import pytest_collection_modifyitems, pytest_terminal_summary"
    )

    def run(*parts: str) -> pytest.RunResult:
        path = pytester.mkdir("tests") / "test_moods.py"
        path.write_text("".join(map(dedent, parts)))
        return pytester.runpytest_subprocess(*request.param, "-p", "pytest_rerunfailures")

    return run


def named_as_failed_once(result: pytest.RunResult) -> set[str]:
    lines = result.stdout.lines
    start = next((n for n, line in enumerate(lines) if "= failed once =" in line), len(lines))
    return {line for line in lines[start:] if line.startswith("tests/")}


def test_a_browser_or_faults_test_that_fails_once_ends_green_and_is_named(run):
    result = run(MOODS)
    assert result.ret == 0
    result.assert_outcomes(passed=3)
    assert named_as_failed_once(result) == {
        "tests/test_moods.py::test_browser_once: AssertionError: bad day 1",
        "tests/test_moods.py::test_faults_once: AssertionError: bad day 1",
    }


def test_one_that_fails_twice_ends_red(run):
    result = run(MOODS, BROKEN_BROWSER)
    assert result.ret == 1
    result.assert_outcomes(passed=3, failed=1)
    assert not any("twice" in line for line in named_as_failed_once(result))


def test_any_other_that_fails_once_ends_red_and_nothing_is_named(run):
    result = run(MOODS.partition("    @pytest")[0], BROKEN)
    assert result.ret == 1
    result.assert_outcomes(failed=2)
    result.stdout.no_fnmatch_line("*failed once*")


def test_the_rule_holds_for_this_project():
    for hook in ("pytest_collection_modifyitems", "pytest_terminal_summary"):
        assert getattr(conftest, hook) is getattr(reruns, hook)
