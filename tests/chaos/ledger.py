"""I7: the ledger has a word for every day since the first that was asked for, and it is true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ..oracle.records import parse_instant
from .household import people

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..oracle.records import TrueRecord
    from .cell import Cell
    from .vendors import Oracle

#: The streams whose records belong to days.
STREAMS = {
    "whoop": ["cycles", "sleeps", "recoveries", "workouts"],
    "withings": ["measure_groups", "activity", "workouts", "sleep_summary", "heart_recordings"],
}
KNOWN = {"received", "pending_score", "nothing_recorded", "deleted"}
WITH_RECORDS = {"received", "pending_score"}
#: No zone is further from UTC, so a record's local date is one of those in this distance.
ZONES = timedelta(hours=14)


@dataclass(frozen=True)
class Day:
    """A row of the ledger."""

    local_date: date
    status: str
    records: int
    pending: int


def the_ledger_explains_every_day(cell: Cell) -> None:
    """I7: every day with a record is received, every day that was asked for is known.

    Needs the models, after a clean run. The first day and those that are not over may be open:
    nobody has asked for the whole of them.
    """
    for oracle in people(cell.oracle):
        _assert_explained(cell, oracle)


def _assert_explained(cell: Cell, oracle: Oracle) -> None:
    vendor, user = cell.tap.removeprefix("tap-"), oracle.user_id
    over = (parse_instant(cell.sandbox.now()) - ZONES - timedelta(days=1)).date()
    for stream in STREAMS[vendor]:
        days = list(_days(cell, vendor, user, stream))
        assert days, f"{stream} has no ledger"
        dates = [day.local_date for day in days]
        assert dates == [dates[0] + timedelta(days=n) for n in range(len(dates))], stream
        for day in days[1:]:
            if day.local_date <= over:
                assert day.status in KNOWN, f"{stream} {day}"
        known = {day.local_date: day for day in days}
        _assert_records(oracle, stream, known, over if cell.is_misdated else date.max)


def _days(cell: Cell, vendor: str, user: str, stream: str) -> Iterator[Day]:
    rows = cell.query(
        "select local_date, status, records, pending_records from meta.coverage_ledger "
        f"where source_system = '{vendor}' and source_account_id = '{user}' "
        f"and stream = '{stream}' order by local_date"
    )
    return (Day(*row) for row in rows)


def _assert_records(oracle: Oracle, stream: str, days: dict[date, Day], until: date) -> None:
    """Every record until a date is on a day of its own time, and no day has another one."""
    inside, beside = 0, 0
    for record in oracle.truth(stream):
        first, *_, last = _dates(record)
        if not oracle.wants(record) or first <= min(days) or last > until:
            beside += 1  # it may belong to a day that was not asked for as a whole
            continue
        inside += 1
        near = [days[each] for each in _dates(record) if each in days]
        assert any(day.status in WITH_RECORDS for day in near), f"{stream} {record.key} {near}"
        if record.columns.get("score_state") == "PENDING_SCORE":
            assert any(day.pending for day in near), f"{stream} {record.key} {near}"
    counted = sum(day.records for day in days.values())
    assert inside <= counted <= inside + beside, f"{stream}: {counted} days' records of {inside}"


def _dates(record: TrueRecord) -> Iterator[date]:
    """The local dates that a record may belong to."""
    assert record.start
    first = (record.start - ZONES).date()
    last = ((record.end or record.start) + ZONES).date()
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
