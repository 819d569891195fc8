"""docs/reliability.md has the cells that there are, no others, and none that failed."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from .conftest import COLLECTED, FILES
from .reliability import (
    PAGE,
    PROPERTY,
    Name,
    Result,
    Results,
    documented,
    list_cells,
    tables,
    write,
)

CELLS: dict[Name, Result] = {
    ("Kills", "tap, before a record"): Result(survived=True, seconds=1.2),
    ("Kills", "loader"): Result(survived=False, seconds=0.5),
    ("Faults", "429"): Result(survived=True, seconds=3),
    ("Faults", "500"): Result(),
}


def test_the_page_names_exactly_the_cells_that_exist(request: pytest.FixtureRequest) -> None:
    ours = {path.name for path in Path(__file__).parent.glob("test_*.py")}
    if request.config.stash[FILES] != ours:
        pytest.skip("only a part of the suite was collected")
    collected: list[Name] = request.config.stash[COLLECTED]
    assert {*documented(PAGE.read_text())} == {*collected}, "make soak"


def test_no_cell_is_there_twice(request: pytest.FixtureRequest) -> None:
    collected = request.config.stash[COLLECTED]
    assert len(set(collected)) == len(collected)


def test_no_documented_cell_failed() -> None:
    cells = documented(PAGE.read_text())
    assert [name for name, result in cells.items() if result.survived is False] == []


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Before.\n\n<!-- cells -->\nold\n<!-- /cells -->\n\nBehind.\n")
    write(page, CELLS)
    text = page.read_text()
    assert text.startswith("Before.\n\n<!-- cells -->\n| Group |")
    assert text.endswith("<!-- /cells -->\n\nBehind.\n")
    assert documented(text) == CELLS
    sums = "| Kills | 2 | 2 | 1 | 2 |\n| Faults | 2 | 1 | 1 | 3 |\n| All | 4 | 3 | 2 | 5 |"
    assert sums in tables(CELLS)


def test_cells_come_and_go_and_keep_what_is_known_of_them(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- cells -->\n<!-- /cells -->\n")
    write(page, CELLS)
    known, new = ("Kills", "loader"), ("Kills", "new")
    list_cells(page, [known, new])
    assert documented(page.read_text()) == {known: CELLS[known], new: Result()}


def test_a_cell_is_written_as_soon_as_it_is_over(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- cells -->\n<!-- /cells -->\n")
    first, second = ("Kills", "first"), ("Kills", "second")
    list_cells(page, [first, second])
    results = Results(page)
    results.pytest_runtest_logreport(report(second, "setup"))
    results.pytest_runtest_logreport(report(second, "call"))
    for when in ("setup", "call", "teardown"):
        assert documented(page.read_text()) == {first: Result(), second: Result()}
        results.pytest_runtest_logreport(report(first, when))
    over = Result(survived=True, seconds=2)
    assert documented(page.read_text()) == {first: over, second: Result()}


def report(name: Name, when: Literal["setup", "call", "teardown"]) -> pytest.TestReport:
    return pytest.TestReport(
        *("test", ("test.py", 1, "test"), {}, "passed", None, when),
        user_properties=[(PROPERTY, [*name])],
        duration=2,
    )
