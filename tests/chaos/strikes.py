"""A cell of the fault matrix: a fault strikes, then one clean run has to mend everything."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .invariants import assert_all, partitions
from .reliability import cell
from .vendors import VENDORS, WHOOP

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from _pytest.mark import ParameterSet

    from .cell import Cell
    from .sync import Sync
    from .vendors import Vendor
    from .world import World

#: Variables of the tap and the loader.
Settings = dict[str, Any]
BOTH = tuple(VENDORS.values())


def each(group: str, words: str, *, quick: Collection[Vendor] = ()) -> list[ParameterSet]:
    """The same cell at either vendor; quick ones are part of `make test`."""
    return [cell(group, f"{v.words}: {words}", v, quick=v in quick) for v in BOTH]


@contextmanager
def survived(
    world: World,
    vendor: Vendor,
    *,
    days: float = 20,
    clean: Settings | None = None,
    **settings: Any,
) -> Iterator[Cell]:
    """A cell in which a fault strikes; it ends with the block, and everything has to hold.

    Args:
        world: Where cells come from.
        vendor: Whose tap.
        days: How much of the history is synced.
        clean: Settings of the clean run.
        settings: More for :meth:`World.cell`.
    """
    with world.cell(vendor, days=days, **settings) as struck:
        yield struck
        struck.sandbox.clear_faults()
        struck.wait()
        assert_works(struck.sync(**(clean or {})))
        assert_all(struck)


def assert_works(done: Sync) -> None:
    """Both processes ended well."""
    assert done.works, last_words(done)


def last_words(done: Sync) -> str:
    """What a run said at its end."""
    return "\n".join(done.said.splitlines()[-40:])


def failures(struck: Cell) -> dict[str, str]:
    """The streams whose last window in the sync log failed, and why."""
    log = struck.query(
        "select distinct on (stream) stream, status, error "
        f"from {struck.oracle.schema}.sync_windows order by stream, synced_at desc"
    )
    return {stream: error for stream, status, error in log if status == "failed"}


def assert_failed(done: Sync, struck: Cell, expected: Mapping[str, str]) -> None:
    """The run failed, and its words and the sync log tell of these streams and no others."""
    assert (done.tap.code, done.loader.code) == (1, 0), last_words(done)
    found = failures(struck)
    assert found == expected, f"{found}\n{last_words(done)}"
    for stream, error in expected.items():
        assert f"{stream} of account 'default' ({error})" in done.said, last_words(done)


def expect_no_goals(struck: Cell) -> None:
    """Somebody without goals has a row without values."""
    if "goals" in struck.oracle.keys and not struck.oracle.truth("goals"):
        (profile,) = struck.oracle.truth("profile")
        struck.deleted["goals"] = {profile.key}


def state_of(struck: Cell, stream: str) -> dict[str, Any]:
    """What the confirmed state says of a stream; empty without a bookmark."""
    found = [part for name, part in partitions(struck.state or {}) if name == stream]
    return found[0] if found else {}


def one_service(vendor: Vendor) -> tuple[str, str]:
    """The path of one service of a vendor, and the stream that alone reads it."""
    if vendor is WHOOP:
        return "*/v2/activity/sleep", "sleeps"
    return "*/v2/sleep", "sleep_summary"
