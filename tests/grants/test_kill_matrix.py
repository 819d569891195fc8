"""``kill -9`` at every step of a refresh: either the next run works, or one login is enough.

The table in docs/grants.md is what happened here.
"""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .cells import CELLS, COLUMNS, Cell, play
from .conftest import WARM
from .steps import STEPS

if TYPE_CHECKING:
    from .cells import Story
    from .conftest import Launcher

    Stories = dict[Cell, Story]

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "grants.md"
BEGIN, END = "<!-- kill matrix -->\n", "<!-- /kill matrix -->\n"
#: What the table has where a store knows no such step.
NONE = "no such step"
LOST = [cell for cell in CELLS if cell.vendor == "whoop" and STEPS[cell.step].lost]
every_cell = pytest.mark.parametrize("cell", CELLS, ids=str)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("grants")


@pytest.fixture(scope="module")
def stories(launcher: Launcher, folder: Path) -> Stories:
    return play_all(CELLS, launcher, folder)


def play_all(cells: list[Cell], launcher: Launcher, folder: Path, **way: bool) -> Stories:
    with ThreadPoolExecutor(WARM) as pool:
        played = pool.map(lambda cell: play(cell, launcher, folder, **way), cells)
        return dict(zip(cells, played, strict=True))


@every_cell
def test_the_process_was_killed_at_this_very_step(stories: Stories, cell: Cell) -> None:
    story, step = stories[cell], STEPS[cell.step]
    assert story.victim.report.killed_at == cell.step, story.victim.report
    assert story.victim.report.signal == signal.SIGKILL
    assert story.victim.asked == step.asked
    assert story.next.report.found.beside == (step.beside if cell.store == "file" else "")


@every_cell
def test_what_it_leaves_behind_can_be_loaded(stories: Stories, cell: Cell) -> None:
    found = stories[cell].next.report.found
    assert not found.problem
    assert not found.dead
    assert found.encrypted
    # The login was version 1. A grant is replaced as a whole or not at all.
    in_place = STEPS[cell.step].kept and not stories[cell].took_up
    expected = {2 if in_place else 1}
    if (cell.store, cell.step) == ("postgres", "written"):
        expected = {1, 2}  # the server may not have come to it yet, for a look without the lock
    assert found.version in expected


@every_cell
def test_the_next_run_works_unless_the_only_token_is_lost(stories: Stories, cell: Cell) -> None:
    story = stories[cell]
    assert story.next.report.works == (cell not in LOST), story.next.report
    # Nobody refreshes who need not: a new grant that was kept is used.
    assert story.next.asked == (not STEPS[cell.step].kept)


@every_cell
def test_the_next_run_finds_the_lock_free(stories: Stories, cell: Cell) -> None:
    assert stories[cell].next.seconds < 15


@every_cell
def test_the_next_run_tidies_up(stories: Stories, cell: Cell) -> None:
    left = stories[cell].next.report.left
    assert not left.problem
    assert set(left.files) <= {f"{cell.step}.json", f"{cell.step}.lock"}


@every_cell
def test_a_third_run_asks_nothing_of_the_vendor(stories: Stories, cell: Cell) -> None:
    story = stories[cell]
    assert story.third.asked == 0
    assert story.third.report.works == story.next.report.works
    assert story.third.report.token == story.next.report.token


@every_cell
def test_the_grant_goes_on_when_its_token_has_expired_again(stories: Stories, cell: Cell) -> None:
    later = stories[cell].later
    assert later.report.works, later.report
    assert later.asked == 1


@pytest.mark.parametrize("cell", LOST, ids=str)
def test_where_a_login_is_needed_it_is_named_and_is_enough(stories: Stories, cell: Cell) -> None:
    story = stories[cell]
    for run in (story.next, story.third):
        assert run.report.error == "GrantDeadError"
        assert f" tap-whoop-auth login --account {cell.step}" in run.report.message
        assert run.report.left.dead
    assert story.repaired
    assert story.repaired.report.works
    assert story.repaired.asked == 0


def test_withings_forgets_an_old_token_after_eight_hours(launcher: Launcher, folder: Path) -> None:
    lost = Cell("withings", "file", "answer-unread")
    story = play(lost, launcher, folder, pause=8 * 3600)
    assert story.next.report.error == "GrantDeadError"
    assert " tap-withings-auth login --account answer-unread-late" in story.next.report.message
    assert story.repaired
    assert story.repaired.report.works


@pytest.mark.parametrize("way", ["seeded", "plain"])
def test_first_runs_with_a_seed_and_grants_in_plain_text_are_no_different(
    launcher: Launcher, folder: Path, way: str
) -> None:
    crucial = {"reserving", "answer-read", "half-written", "written", "synced"}
    cells = [cell for cell in CELLS if cell.step in crucial]
    for cell, story in play_all(cells, launcher, folder, **{way: True}).items():
        assert story.victim.report.signal == signal.SIGKILL
        assert story.next.report.left.encrypted == (way != "plain")
        assert story.next.report.works == (cell not in LOST), (cell, story.next.report)
        assert story.next.asked == (not STEPS[cell.step].kept), cell
        assert story.third.asked == 0, cell
        assert story.third.report.works == story.next.report.works, cell
        for run in filter(None, [story.repaired, story.later]):
            assert run.report.works, cell


def test_the_table_in_the_documentation_is_what_happened(stories: Stories) -> None:
    surprises = [cell for cell in CELLS if stories[cell].next.report.works == (cell in LOST)]
    assert not surprises, "this is not to be documented but mended"
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, behind = rest.partition(END)
    written = f"{before}{BEGIN}{table(stories)}{END}{behind}"
    if page != written:
        PAGE.write_text(written)
        pytest.fail("docs/grants.md was not what happens; it is rewritten: commit it")


def table(stories: Stories) -> str:
    """The matrix in Markdown."""
    words = {cell: story.words for cell, story in stories.items()}
    rows = [
        [f"{number}. {step.words}", *(words.get(Cell(*column, name), NONE) for column in COLUMNS)]
        for number, (name, step) in enumerate(STEPS.items(), 1)
    ]
    lines = [["Killed", *COLUMNS.values()], *rows]
    head, *body = [f"| {' | '.join(line)} |\n" for line in lines]
    return "".join([head, "|---" * (len(COLUMNS) + 1), "|\n", *body])
