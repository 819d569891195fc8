"""What is wrong and what to do about it, one line per account and cause."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from health_tools.health.display import ranges
from health_tools.health.hints import ROWS_MISSING, next_step

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


class Problem(NamedTuple):
    """What is wrong, and the next thing to do."""

    found: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.found}; {self.remedy}"

    def of(self, **values: object) -> Problem:
        """The same, with values for the names in braces."""
        return Problem(self.found.format(**values), self.remedy.format(**values))


NOTHING_SYNCED = Problem("nothing was synced yet", "type meltano run sync, whoop or withings")


@dataclass(frozen=True)
class Failure:
    """A stream of an account that could not be read."""

    source: str
    account: str
    stream: str
    error: str | None
    """The class of error in the sync log."""
    days: tuple[date, ...] = ()
    """The local days that are missing; none when it is about the last window."""


@dataclass
class _Cause:
    streams: dict[str, None] = field(default_factory=dict)
    days: set[date] = field(default_factory=set)
    is_current: bool = False


def by_cause(failures: Iterable[Failure]) -> list[Problem]:
    """Which streams, which days, why, and the next thing to do; one per cause and account."""
    causes: dict[tuple[str, str, str | None], _Cause] = {}
    for failure in failures:
        key = (failure.source, failure.account, failure.error)
        cause = causes.setdefault(key, _Cause())
        cause.streams[failure.stream] = None
        cause.days.update(failure.days)
        cause.is_current |= not failure.days
    return [_problem(*key, cause) for key, cause in causes.items()]


def _problem(source: str, account: str, error: str | None, cause: _Cause) -> Problem:
    streams = f"{'stream' if len(cause.streams) == 1 else 'streams'} {', '.join(cause.streams)}"
    days = f", no data for {ranges(cause.days)}" if cause.days else ""
    # What was wrong on a past day may be mended by now: then it only has to be read again.
    lasts = cause.is_current or error == ROWS_MISSING
    step = next_step(source, account, error if lasts else None)
    return Problem(f"{source}, account {account}, {streams}{days}: {error or 'failed'}", step)
