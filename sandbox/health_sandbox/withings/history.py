"""A member's whole account: generated day by day up to the clock, and open to edits."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from health_sandbox.instants import SECOND, from_datetime, to_datetime
from health_sandbox.timeline import NEVER, Body, Ledger, Lookup, Record, Row, Span, Version

from . import activity, heart, hypnogram, intraday, scales, sleeps, vitals, workouts
from .life import Life

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from .devices import Device
    from .members import Member

_ALWAYS = -NEVER
_GOALS_ID = "goals"


def _no_span(_: Body, __: Lookup) -> tuple[int, int]:
    return _ALWAYS, NEVER


def _moment(field: str) -> Span:
    return lambda body, _: (int(body[field]) * SECOND, int(body[field]) * SECOND)


def _stretch(body: Body, _: Lookup) -> tuple[int, int]:
    date.fromisoformat(body["date"])
    start, end = int(body["startdate"]) * SECOND, int(body["enddate"]) * SECOND
    if start >= end:
        raise ValueError("enddate must come after startdate")
    return start, end


def _day(body: Body, _: Lookup) -> tuple[int, int]:
    midnight = datetime.fromisoformat(body["date"]).replace(tzinfo=timezone.utc)
    return from_datetime(midnight), from_datetime(midnight + timedelta(days=1))


SPANS: Mapping[str, Span] = {
    "measure_groups": _moment("date"),
    "activity": _day,
    "workouts": _stretch,
    "sleep_summary": _stretch,
    "heart_recordings": _moment("timestamp"),
    "devices": _no_span,
    "goals": _no_span,
}
"""The collections that hold records, and from when to when each of these lasted."""


def _measure_groups(life: Life, day: date) -> Iterator[Record]:
    for source in (
        scales.weigh_in,
        vitals.blood_pressure,
        vitals.temperature,
        vitals.watch,
        vitals.entered,
    ):
        yield from source(life, day)


_DAILY: Mapping[str, Callable[[Life, date], Iterable[Record]]] = {
    "measure_groups": _measure_groups,
    "activity": activity.day_records,
    "workouts": workouts.workout_records,
    "sleep_summary": sleeps.sleep_records,
    "heart_recordings": heart.recordings,
}


def _nothing(_: Life) -> Iterable[Record]:
    return ()


def _devices(life: Life) -> Iterator[Record]:
    for device in life.member.devices:
        key = device.device_id(life.member)
        yield Record(key, [Version(device.linked_at(life.member), {"deviceid": key})])


def _goals(life: Life) -> Iterator[Record]:
    if life.habits.goals:
        yield Record(_GOALS_ID, [Version(_ALWAYS, dict(life.habits.goals))])


_AT_FIRST: Mapping[str, Callable[[Life], Iterable[Record]]] = {
    "measure_groups": vitals.at_creation,
    "devices": _devices,
    "goals": _goals,
}
"""What is as old as the account, whatever history is asked for."""


class History:
    """One member's records at every instant.

    What happens on a date depends on the seed, the member and the date alone; ``since`` only
    cuts off what lies before. A collection is generated when somebody first looks at it.
    """

    def __init__(self, member: Member, seed: int, since: date) -> None:
        self.member = member
        self.life = Life(member, seed)
        self.ledger = Ledger(SPANS)
        self.since = max(since, member.joined)
        self._next: dict[str, date] = {}

    def rows(self, collection: str, now: int) -> Mapping[str, Row]:
        """Return what a collection shows at an instant by id, newest first."""
        if collection in _DERIVED:
            return {row.id: row for row in _DERIVED[collection](self, now)}
        if self.member.devices:
            self._live_until(collection, now)
        rows = self.ledger.rows(collection, now)
        return _as_of(self.member, rows, now) if collection == "devices" else rows

    def _live_until(self, collection: str, now: int) -> None:
        if collection not in self._next:
            self._next[collection] = self.since
            self._put(collection, _AT_FIRST.get(collection, _nothing)(self.life))
        last = to_datetime(now).date() + timedelta(days=1)
        while collection in _DAILY and self._next[collection] <= last:
            self._put(collection, _DAILY[collection](self.life, self._next[collection]))
            self._next[collection] += timedelta(days=1)

    def _put(self, collection: str, records: Iterable[Record]) -> None:
        for record in records:
            self.ledger.put(collection, record)


def _as_of(member: Member, rows: Mapping[str, Row], now: int) -> dict[str, Row]:
    """Return devices with what changes all the time: battery and last session."""
    owned: dict[str, Device] = {device.device_id(member): device for device in member.devices}
    return {
        row.id: row._replace(
            body={**(owned[row.id].to_json(member, now) if row.id in owned else {}), **row.body}
        )
        for row in rows.values()
    }


def goals_key(_: Body) -> str:
    """Return what identifies the goals of a member: there is one set."""
    return _GOALS_ID


def stage_rows(history: History, start: int, end: int, now: int) -> Iterator[Row]:
    """Yield the stages that begin from an instant on and before another, each with its sleep."""
    for sleep in history.rows("sleep_summary", now).values():
        if sleep.end < start or sleep.start >= end:
            continue
        for row in hypnogram.stage_rows(sleep.body):
            span = row["startdate"] * SECOND, row["enddate"] * SECOND
            if start <= span[0] < end:
                body = {"sleep_id": sleep.body["id"], **row}
                yield Row(f"{sleep.id}/{row['startdate']}", body, *span, span[0])


def _sleep_stages(history: History, now: int) -> Iterator[Row]:
    return stage_rows(history, _ALWAYS, NEVER, now)


def intraday_rows(history: History, start: int, end: int, now: int) -> Iterator[Row]:
    """Yield the slots that begin from an instant on and before another."""
    day = max(to_datetime(start).date() - timedelta(days=1), history.since)
    last = to_datetime(min(end, now)).date() + timedelta(days=1)
    while day <= last:
        for second, body in intraday.slots(history.life, day, now):
            at = second * SECOND
            if start <= at < end:
                yield Row(str(second), {"timestamp": second, **body}, at, at, at)
        day += timedelta(days=1)


def _intraday(history: History, now: int) -> Iterator[Row]:
    first = from_datetime(datetime.combine(history.since, datetime.min.time(), timezone.utc))
    return intraday_rows(history, first, NEVER, now)


def _signals(history: History, now: int) -> Iterator[Row]:
    for row in history.rows("heart_recordings", now).values():
        if row.body.get("ecg"):
            signal = {"signalid": row.body["ecg"]["signalid"], **heart.signal_of(row.body)}
            yield row._replace(body=signal)


_DERIVED: Mapping[str, Callable[[History, int], Iterable[Row]]] = {
    "sleep_stages": _sleep_stages,
    "intraday_activity": _intraday,
    "ecg_signals": _signals,
}
"""The collections that follow from others."""

DERIVED = tuple(_DERIVED)
"""Their names."""
