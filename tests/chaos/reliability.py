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
_WORDS = {True: "survived", False: "**failed**", None: "not tried yet"}

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
    """What became of a cell; None before it was tried."""

    survived: bool | None = None
    seconds: float = 0


@dataclass
class Results:
    """What becomes of all cells of a run; a pytest plugin of the process that reports."""

    page: Path
    cells: dict[Name, Result] = field(default_factory=lambda: defaultdict(Result))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of a phase of a test; when it is over, write what became of its cell.

        A soak lasts for hours: what was tried before it was broken off counts. What was not tried
        stays as it was.
        """
        words: Any = dict(report.user_properties).get(PROPERTY)
        if words is None or report.skipped:
            return
        name: Name = tuple(words)
        result = self.cells[name]
        result.survived = report.passed and result.survived is not False
        if report.when == "call":
            result.seconds += report.duration
        if report.when == "teardown":
            write(self.page, {**documented(self.page.read_text()), name: result})


def list_cells(page: Path, found: Iterable[Name]) -> None:
    """Have a page name exactly the cells that exist, with what is known of them."""
    known = documented(page.read_text())
    write(page, {name: known.get(name, Result()) for name in found})


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
    lines = ["| Group | Cells | Tried | Survived | Seconds |", "|---|---|---|---|---|"]
    lines += [_sum(group, members.values()) for group, members in groups.items()]
    lines.append(_sum("All", cells.values()))
    for group, members in groups.items():
        lines += ["", f"### {group}", "", "| Cell | | Seconds |", "|---|---|---|"]
        for name, result in members.items():
            lines.append(f"| {name} | {_WORDS[result.survived]} | {result.seconds:.1f} |")
    return "\n".join([*lines, ""])


def _sum(group: str, results: Collection[Result]) -> str:
    tried = [result for result in results if result.survived is not None]
    survived = sum(result.survived is True for result in tried)
    seconds = sum(result.seconds for result in tried)
    return f"| {group} | {len(results)} | {len(tried)} | {survived} | {seconds:.0f} |"


def documented(page: str) -> dict[Name, Result]:
    """The cells that a page has, and what it says became of each."""
    _, _, rest = page.partition(BEGIN)
    group, found = "", {}
    words = {word: survived for survived, word in _WORDS.items()}
    for line in rest.partition(END)[0].splitlines():
        if line.startswith("### "):
            group = line.removeprefix("### ")
        elif group and line.endswith(" |") and not line.startswith("| Cell |"):
            name, word, seconds = line.removeprefix("| ").removesuffix(" |").rsplit(" | ", 2)
            found[group, name] = Result(words[word], float(seconds))
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
