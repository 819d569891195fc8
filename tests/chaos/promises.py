"""What is owed at a moment: which records have to be in the database, as the product promises it.

A vendor tells of some things too late, or not at all. What nobody can know is not owed:

* WHOOP is asked by activity time alone, and again for the last ``lookback_days``. A record that
  appears, changes or comes back later than that after its activity is owed once a run has read its
  stretch again: the nightly ``reconcile_days``. Of Withings' recordings of the heart the last three
  months are read again.
* Withings tells of changes, and is asked again for the last hour before the bookmark. A record that
  appears with an older stamp than that is owed after a reconcile, too.
* What changes while a run reads is owed after the next one.
* What is dated before the setting start_date comes when it is changed later than that. After a run
  with a later start_date, only what is changed later than that one.
"""

from __future__ import annotations

from collections import defaultdict
from copy import copy
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..oracle.records import parse_instant
from .invariants import partitions

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..oracle.records import Key, TrueRecord
    from .cell import Cell
    from .sync import State
    from .vendors import Oracle

#: The default of the setting lookback_days; for recordings of the heart at least three months.
LOOKBACK = timedelta(days=7)
LOOKBACKS = {"heart_recordings": timedelta(days=90)}
#: Changes are asked for again from this long before the bookmark.
OVERLAP = timedelta(hours=1)
#: A record that was moved by less than that never counts as deleted.
SETTLE = timedelta(hours=23)
#: The vendor's clock stands still while a tap's runs on.
SHORT = timedelta(minutes=5)


class Promises:
    """Follows a cell's vendor, and knows what is owed."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._truth: dict[str, dict[Key, TrueRecord]] = {}
        self._ever: dict[str, set[Key]] = defaultdict(set)
        #: When each record came to be as it is; those that are missing here always were.
        self._arrivals: dict[tuple[str, Key], datetime] = {}
        #: What has changed since the first sync began, and since the present one did.
        self._stirred: set[tuple[str, Key]] = set()
        #: What the vendor may count as deleted: it was missing, or at quite another time.
        self._gone: set[tuple[str, Key]] = set()
        self._spans: dict[tuple[str, Key], set[datetime]] = defaultdict(set)
        self._fresh: set[tuple[str, Key]] = set()
        self._looked: datetime | None = None
        self._has_begun = False
        self._latest_start = cell.oracle.start
        if "goals" in cell.oracle.keys:  # somebody without goals has a row without values
            self._ever["goals"] = {record.key for record in cell.oracle.truth("profile")}
        cell.check_state = self.check_state
        cell.oracle = self.owing(cell.oracle)

    @property
    def now(self) -> datetime:
        """The vendor's time."""
        return parse_instant(self._cell.sandbox.now())

    def look(self, *, made: bool = False) -> None:
        """Take note of what has changed.

        Args:
            made: A step of the history has just made the changes. Else they came with time, and
                the vendor's stamps tell when.
        """
        now = self.now
        if now == self._looked and not made:
            return
        for stream in self._cell.oracle.keys:
            before = self._truth.get(stream, {})
            truth = {record.key: record for record in self._cell.oracle.truth(stream)}
            self._truth[stream] = truth
            self._ever[stream] |= truth.keys()
            self._cell.deleted[stream] = self._ever[stream] - truth.keys()
            self._gone |= {(stream, key) for key in before.keys() - truth.keys()}
            for key, record in truth.items():
                starts = self._spans[stream, key]
                starts |= {record.start} if record.start else set()
                if starts and max(starts) - min(starts) > SETTLE:
                    self._gone.add((stream, key))
                if self._looked and not _same(before.get(key), record):
                    stamp = now if made or not record.changed else record.changed
                    self._arrivals[stream, key] = max(stamp, self._looked)
                    self._fresh.add((stream, key))
        self._looked = now
        if self._has_begun:
            self._stirred |= self._fresh

    def begin(self, start: datetime) -> None:
        """A sync begins, with that start_date."""
        self.look()
        self._latest_start = max(self._latest_start, start)
        self._fresh = set()
        self._has_begun = True

    def check_state(self, cell: Cell, state: State) -> None:
        """I4, of a vendor whose records change: what a state will not have read again is there."""
        self.look()
        with cell.connect() as connection:
            for stream, partition in partitions(state):
                for table in partition.get("tables", [stream]):
                    rows = cell.oracle.stored(connection, table)
                    for record in self._truth[table].values():
                        if self._is_settled(table, partition, record):
                            assert record.key in rows, f"{table} {record.key} of {record.start}"
                        if self._knows_change(table, partition, record):
                            found, told = rows[record.key]["modified"], record.columns["modified"]
                            assert found == told, f"{table} {record.key} is of {found}, not {told}"

    def check_rows(self, *, values: bool) -> None:
        """I1 and I3 after a run that read all that was new: what is owed is there, and right.

        Args:
            values: Whether the vendor told the truth about values.
        """
        self.look()
        with self._cell.connect() as connection:
            for stream in self._cell.oracle.keys:
                excused = self._where(stream, self._is_not_owed)
                found = self._cell.oracle.compare(connection, stream)
                assert found.lost <= excused, f"{stream} {found.lost - excused}"
                assert found.surplus <= self._cell.deleted[stream], stream
                names = tuple(f"{key} " for key in excused)
                wrong = [text for text in found.wrong if not text.startswith(names)]
                assert not (values and wrong), f"{stream} {wrong}"

    def check_deletions(self) -> None:
        """Nothing was ever called deleted that the vendor had all the time, at about its time."""
        self.look()
        found = self._cell.query("select raw_relation, raw_source_id from meta.deleted_records")
        gone = {(stream, _source_id(stream, key)) for stream, key in self._gone}
        wrong = {(relation.partition(".")[2], key) for relation, key in found} - gone
        assert not wrong, f"{wrong} are there, and called deleted"

    def needs_reconcile(self) -> bool:
        """Whether something is owed only after the whole history was read again by date."""
        return any(self._cell.deleted.values()) or any(
            self._where(stream, self._is_unknowable) for stream in self._cell.oracle.keys
        )

    def _where(self, stream: str, holds: Callable[[str, TrueRecord], bool]) -> set[Key]:
        return {key for key, record in self._truth[stream].items() if holds(stream, record)}

    def _is_not_owed(self, stream: str, record: TrueRecord) -> bool:
        return (stream, record.key) in self._fresh or self._is_unknowable(stream, record)

    def _is_unknowable(self, stream: str, record: TrueRecord) -> bool:
        arrival = self._arrivals.get((stream, record.key))
        if arrival is None:
            return False
        if stream in self._cell.oracle.by_change:
            return record.changed is None or arrival - record.changed >= OVERLAP
        if record.start is None or record.end is None:
            return False
        return arrival - record.end > _lookback(stream) - SHORT

    def _is_settled(self, table: str, partition: dict[str, Any], record: TrueRecord) -> bool:
        """Whether a state says that a record is there, and that nobody need look again."""
        oracle = self._cell.oracle
        stretches = [[*map(parse_instant, stretch)] for stretch in partition.get("covered", [])]
        found = [until for since, until in stretches if oracle.lies_in(record, since, until)]
        if not found or ((table, record.key) in self._stirred and table in oracle.by_change):
            return self._knows_change(table, partition, record)
        if (table, record.key) not in self._stirred:
            return True
        return (
            not self._is_unknowable(table, record)
            and record.end is not None
            and record.end < max(found) - SHORT
        )

    def _knows_change(self, table: str, partition: dict[str, Any], record: TrueRecord) -> bool:
        bookmark = partition.get("replication_key_value")
        if table not in self._cell.oracle.by_change or not bookmark or record.changed is None:
            return False
        known = parse_instant(bookmark) - OVERLAP
        return self._latest_start <= record.changed < known and not self._is_unknowable(
            table, record
        )

    def owing(self, oracle: Oracle) -> Oracle:
        """The same oracle, without wishes that nobody promised to fulfil."""
        made = copy(oracle)
        vars(made)["wants"] = lambda record: oracle.wants(record) and not self._is_outside(record)
        return made

    def _is_outside(self, record: TrueRecord) -> bool:
        """Whether a record is dated before everything, and no change of it brings it."""
        if record.end is None or record.changed is None or record.end >= self._cell.oracle.start:
            return False
        is_of_heart = "ecg_signalid" in record.columns  # never asked for by change
        return is_of_heart or record.changed < self._latest_start


def _lookback(stream: str) -> timedelta:
    return LOOKBACKS.get(stream, LOOKBACK)


def _source_id(stream: str, key: Key) -> str:
    """What the models call a record."""
    if stream == "activity":
        _, date, brand, device = key
        return f"{date}|{brand}|{device}"
    if stream == "heart_recordings":
        _, device, at, signal = key
        return f"{at:%Y-%m-%dT%H:%M:%S.%f}|{signal}|{device}"
    return str(key[0])


def _same(before: TrueRecord | None, now: TrueRecord) -> bool:
    return before is not None and (before.columns, before.start, before.end) == (
        now.columns,
        now.start,
        now.end,
    )
