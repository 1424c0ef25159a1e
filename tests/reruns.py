"""Tests that a busy machine can fail are run once more, and named at the end of the run.

A browser that starts late or a process that is killed between two instructions says nothing of the
product the first time. Each name in the list is a test to mend all the same.
"""

from __future__ import annotations

import pytest

MARKERS = ("browser", "faults")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any(item.get_closest_marker(name) for name in MARKERS):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter) -> None:
    failed_twice = {
        report.nodeid
        for outcome in ("failed", "error")
        for report in terminalreporter.stats.get(outcome, [])
    }
    reasons: dict[str, str] = {}
    for report in terminalreporter.stats.get("rerun", []):
        if report.nodeid not in failed_twice:
            reasons.setdefault(report.nodeid, reason(report))
    if reasons:
        terminalreporter.section("failed once", yellow=True)
        for nodeid, why in reasons.items():
            terminalreporter.write_line(f"{nodeid}: {why}")


def reason(report: pytest.TestReport) -> str:
    """The first line of what was raised, or all there is where nothing tells which line that is."""
    crash = getattr(report.longrepr, "reprcrash", None)
    return (crash.message if crash else report.longreprtext).strip().partition("\n")[0]
