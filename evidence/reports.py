"""Writes down what each test printed, logged and failed with, the passed ones too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


class Reports:
    """A pytest plugin for the process that gets all reports."""

    def __init__(self, folder: Path) -> None:
        self._notes = folder / "tests.txt"

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep one phase of one test; the last one has the output of all three."""
        sections = report.sections if report.when == "teardown" else []
        self._keep(f"{report.nodeid} {report.when} {report.outcome}", report, sections)

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what importing the tests printed."""
        self._keep(f"{report.nodeid} collect {report.outcome}", report, report.sections)

    def _keep(
        self,
        title: str,
        report: pytest.TestReport | pytest.CollectReport,
        sections: list[tuple[str, str]],
    ) -> None:
        parts = [f"=== {title}", report.longreprtext]
        parts += [f"--- {name}\n{content}" for name, content in sections]
        with self._notes.open("a", errors="backslashreplace") as file:
            file.write("\n".join(filter(None, parts)) + "\n")
