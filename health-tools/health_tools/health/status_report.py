"""What `health status` says: streams, days and held deletions, and what to do about them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from health_tools.health import meta, sync_log
from health_tools.health.display import age, as_table, count, iso, minute, ranges
from health_tools.health.hints import ROWS_MISSING, meltano
from health_tools.health.meta import DAYS, Gap, HeldDeletions, StreamStatus
from health_tools.health.problems import NOTHING_SYNCED, Failure, Problem, by_cause

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import psycopg

_HEADINGS = (
    "source",
    "account",
    "stream",
    "state",
    "last success",
    "lag",
    "newest record",
    "rows",
    "deleted",
    "held",
    "last error",
)
_NUMBERS = {"lag", "rows", "deleted", "held"}


OUTDATED = Problem(
    "{source}, account {account}: last synced {age} ago",
    "see why the schedule does not run, or type {meltano} run {source}",
)
NEVER_SYNCED = Problem(
    "{source}, account {account}: never synced",
    "see why the schedule does not run, or type {meltano} run {source}",
)
HELD = Problem(
    "{source}: {records} records of {stream}, from {oldest} to {newest}, are gone at the vendor "
    "({reason}) and kept until you agree",
    "if they should be gone, type HEALTH_CONFIRM_DELETIONS={confirm_with} {meltano} run dbt:build",
)


@dataclass(frozen=True)
class Status:
    """All that is known at the instant `now` (UTC)."""

    now: datetime
    streams: Sequence[StreamStatus]
    gaps: Sequence[Gap] | None
    """None before the models were built, as `held`."""
    held: Sequence[HeldDeletions] | None
    max_age: timedelta | None = None
    """How old the last success of an account may be."""

    @property
    def models_built(self) -> bool:
        """Whether there is more to show than the sync log."""
        return self.gaps is not None and self.held is not None

    def lag(self, stream: StreamStatus) -> timedelta | None:
        """Since the stream's last success."""
        return self.now - stream.last_success if stream.last_success else None

    def problems(self) -> list[Problem]:
        """One for each cause, with the next thing to do; empty if all is well."""
        if not self.streams:
            return [NOTHING_SYNCED]
        return [*by_cause(self._failures()), *self.outdated(), *map(_held, self.held or ())]

    def _failures(self) -> Iterator[Failure]:
        for stream in self.streams:
            if stream.failed:
                yield Failure(stream.source, stream.account, stream.stream, stream.error)
            if stream.is_history_missing and stream.is_current:
                yield Failure(stream.source, stream.account, stream.stream, ROWS_MISSING)
        read = {(s.source, s.account, s.stream) for s in self.streams if s.is_current}
        for gap in self.gaps or ():
            if gap.status == "failed" and (gap.source, gap.account, gap.stream) in read:
                yield Failure(gap.source, gap.account, gap.stream, gap.error, tuple(gap.days))

    def outdated(self) -> Iterator[Problem]:
        """Accounts whose last success is too old.

        Not streams: one that is no longer selected has nothing wrong.
        """
        newest: dict[tuple[str, str], timedelta | None] = {}
        for stream in self.streams:
            key, lag = (stream.source, stream.account), self.lag(stream)
            known = newest.get(key)
            newest[key] = lag if known is None else known if lag is None else min(lag, known)
        for (source, account), lag in newest.items():
            if self.max_age is not None and (lag is None or lag > self.max_age):
                problem = NEVER_SYNCED if lag is None else OUTDATED
                yield problem.of(source=source, account=account, age=age(lag), meltano=meltano())


def read(session: psycopg.Connection, *, max_age: timedelta | None = None) -> Status:
    """All that a database knows now; before the models were built, what the sync log says."""
    streams = meta.streams(session)
    if streams is None:
        streams = [meta.from_log(state) for state in sync_log.read(session)]
    return Status(
        now=datetime.now(timezone.utc),
        streams=streams,
        gaps=meta.gaps(session),
        held=meta.held_deletions(session),
        max_age=max_age,
    )


def as_text(status: Status) -> str:
    """A table of the streams, one of the days that nobody can explain, and what to do."""
    parts = [
        _streams(status),
        _days(status),
        "\n".join(map(str, status.problems())) or "All is well.",
    ]
    return "\n\n".join(filter(None, parts))


def _streams(status: Status) -> str | None:
    if not status.streams:
        return None
    rows = [_cells(status, stream) for stream in status.streams]
    return as_table(_HEADINGS, rows, numbers=_NUMBERS)


def _days(status: Status) -> str | None:
    if not status.streams:
        return None
    if not status.models_built:
        return f"Days and deletions are not known before the models are: {meltano()} run dbt:build"
    if not status.gaps:
        return f"Every day of the last {DAYS} is explained."
    rows = [
        (gap.source, gap.account, gap.stream, gap.status, str(len(gap.days)), ranges(gap.days))
        for gap in status.gaps
    ]
    headings = ("source", "account", "stream", "status", "days", "which")
    table = as_table(headings, rows, numbers={"days"})
    return f"Of the last {DAYS} days, and all that failed:\n{table}"


def as_json(status: Status) -> str:
    """The same, with ISO 8601 instants and dates; what is not known is null."""
    found = status.problems()
    known = {
        "ok": not found,
        "models_built": status.models_built,
        "streams": [_stream(status, stream) for stream in status.streams],
        "gaps": None if status.gaps is None else [asdict(gap) for gap in status.gaps],
        "held_deletions": None if status.held is None else [asdict(held) for held in status.held],
        "problems": list(map(str, found)),
    }
    return json.dumps(known, indent=2, default=_plain)


def _cells(status: Status, stream: StreamStatus) -> tuple[str, ...]:
    error = stream.error or "-"
    return (
        stream.source,
        stream.account,
        stream.stream,
        "failed" if stream.failed else "ok" if stream.is_current else "not read",
        minute(stream.last_success),
        age(status.lag(stream)),
        minute(stream.newest_record),
        *map(count, (stream.rows, stream.deleted_rows, stream.held_deletions)),
        f"{error} {minute(stream.last_failure)}" if stream.last_failure else error,
    )


def _stream(status: Status, stream: StreamStatus) -> dict[str, Any]:
    lag = status.lag(stream)
    return {**asdict(stream), "lag_s": None if lag is None else round(lag.total_seconds())}


def _plain(value: object) -> str | None:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _held(held: HeldDeletions) -> Problem:
    known = {**asdict(held), "oldest": _day(held.oldest), "newest": _day(held.newest)}
    return HELD.of(**known, meltano=meltano())


def _day(instant: datetime | date) -> str:
    return f"{instant:%Y-%m-%d}"
