"""The tables of docs/reliability.md: which cells there are, and what became of each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from _pytest.mark import ParameterSet

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "reliability.md"
BEGIN, END = "<!-- cells -->\n", "<!-- /cells -->\n"
#: The property of a test's report that says which cell it was: its group and its name.
PROPERTY = "cell"
_SURVIVED, _FAILED = "survived", "**failed**"

Name = tuple[str, str]


def cell(group: str, name: str, *values: Any, quick: bool = False) -> ParameterSet:
    """A parameter of a test that is a cell of the chaos suite.

    Args:
        group: The cell's row of the first table; nothing but words, for people.
        name: Its row in the second table, unique within the group.
        values: What the test gets.
        quick: Whether it is part of `make test`; the others are for `make soak`.
    """
    marks = [pytest.mark.cell(group, name), *([] if quick else [pytest.mark.soak])]
    return pytest.param(*values, id=name, marks=marks)


@dataclass
class Result:
    """What became of a cell."""

    survived: bool = True
    seconds: float = 0


@dataclass
class Results:
    """What becomes of all cells of a run; a pytest plugin of the process that reports."""

    page: Path
    cells: dict[Name, Result] = field(default_factory=lambda: defaultdict(Result))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of a phase of a test."""
        words: Any = dict(report.user_properties).get(PROPERTY)
        if words is None or report.skipped:
            return
        group, name = words
        result = self.cells[group, name]
        result.survived &= report.passed
        if report.when == "call":
            result.seconds += report.duration

    def pytest_sessionfinish(self) -> None:
        """Write the tables."""
        write(self.page, self.cells)


def write(page: Path, cells: dict[Name, Result]) -> None:
    """Put the tables in their place on a page."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, behind = rest.partition(END)
    page.write_text(f"{before}{BEGIN}{tables(cells)}{END}{behind}")


def tables(cells: dict[Name, Result]) -> str:
    """The groups, then every cell of each."""
    groups: dict[str, dict[str, Result]] = defaultdict(dict)
    for (group, name), result in cells.items():
        groups[group][name] = result
    lines = ["| Group | Cells tried | Survived | Seconds |", "|---|---|---|---|"]
    lines += [_sum(group, members.values()) for group, members in groups.items()]
    lines.append(_sum("All", cells.values()))
    for group, members in groups.items():
        lines += ["", f"### {group}", "", "| Cell | | Seconds |", "|---|---|---|"]
        for name, result in members.items():
            word = _SURVIVED if result.survived else _FAILED
            lines.append(f"| {name} | {word} | {result.seconds:.1f} |")
    return "\n".join([*lines, ""])


def _sum(group: str, results: Collection[Result]) -> str:
    survived = sum(result.survived for result in results)
    seconds = sum(result.seconds for result in results)
    return f"| {group} | {len(results)} | {survived} | {seconds:.0f} |"


def documented(page: str) -> dict[Name, bool]:
    """The cells that a page has, and whether each survived."""
    _, _, rest = page.partition(BEGIN)
    group, found = "", {}
    for line in rest.partition(END)[0].splitlines():
        if line.startswith("### "):
            group = line.removeprefix("### ")
        elif group and line.endswith(" |") and not line.startswith("| Cell |"):
            name, word, _ = line.removeprefix("| ").rsplit(" | ", 2)
            found[group, name] = word == _SURVIVED
    return found


def names(items: Iterable[pytest.Item]) -> list[Name]:
    """The cells among the tests that were collected; each report says which it was."""
    found = []
    for item in items:
        if marker := item.get_closest_marker("cell"):
            group, name = marker.args
            item.user_properties.append((PROPERTY, [group, name]))
            found.append((group, name))
    return found
