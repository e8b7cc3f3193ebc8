"""The table of proofs: which scenario of the conformance suite was proved on which network by this run.

A scenario that a network has no place for (`NotHere`) counts as "not there", with the reason. The result of a run is
written to the file that OPENLINE_PROOFS names; `tools/conformance_table.py` makes the page of the docs from it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.channels.nets.base import NotHere

_proofs: dict[str, dict[str, list[str]]] = {}
"""Scenario -> network -> outcome, what is said of it, and perhaps why it is no more."""
_MISSING = ("not there", "skipped")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Turn NotHere into an outcome of its own, and note the outcome of every scenario."""
    report: Any = yield
    scenario = item.get_closest_marker("scenario")
    not_here = call.excinfo is not None and isinstance(call.excinfo.value, NotHere)
    if not_here and call.excinfo is not None:
        report.outcome, report.not_there = "skipped", str(call.excinfo.value)
        report.longrepr = (str(item.path), 0, f"not there: {call.excinfo.value}")
    if scenario and (call.when == "call" or report.outcome != "passed"):
        outcome = "not there" if not_here else "proved" if report.outcome == "passed" else report.outcome
        told = dict(report.user_properties)
        said = str(told.get("said", ""))
        reason = report.not_there if not_here else _reason(report) if outcome == "skipped" else said
        cell = [outcome, reason, *filter(None, [told.get("why")])]
        _note(str(scenario.args[0]), item.callspec.params["net"], cell)  # type: ignore[attr-defined]
    return report


def _reason(report: pytest.TestReport) -> str:
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else ""


def _note(scenario: str, network: str, cell: list[str]) -> None:
    """Of several tests of a scenario the gravest outcome counts, but what is proved by one is there."""
    cells = _proofs.setdefault(scenario, {})
    before = cells.get(network)
    if before is None or _gravity(cell[0]) > _gravity(before[0]):
        cells[network] = cell


def _gravity(outcome: str) -> int:
    return {"not there": 0, "proved": 1, "skipped": 2, "failed": 3}[outcome]


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Count what is not there by that name."""
    if getattr(report, "not_there", ""):
        return "not there", "n", f"NOT THERE ({report.not_there})"
    return None


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what is not there, and why: once for a whole network where nothing of it is."""
    cells = [(n, *cell[:2], s) for s, found in _proofs.items() for n, cell in found.items() if cell[0] in _MISSING]
    lines: dict[tuple[str, str, str], list[str]] = {}
    for network, outcome, reason, scenario in sorted(cells):
        lines.setdefault((network, outcome, reason), []).append(scenario)
    for (network, outcome, reason), scenarios in lines.items():
        terminalreporter.write_line(f"{network}, {outcome}: {', '.join(scenarios)}: {reason}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was proved."""
    if _proofs and (path := os.environ.get("OPENLINE_PROOFS")):
        Path(path).write_text(json.dumps(_proofs, indent=1, sort_keys=True, ensure_ascii=False))
