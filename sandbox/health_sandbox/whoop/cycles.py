"""Cycles over time: open and changing all day, closed backwards when the next one appears."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from math import exp, prod
from typing import TYPE_CHECKING

from health_sandbox.instants import DAY, HOUR, MINUTE, SECOND, format_instant
from health_sandbox.timeline import Body, Record, Version

from .calendar import Calendar, Night, offset_at
from .ids import cycle_id
from .scores import MAX_STRAIN, cycle_score, unscored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .members import Member

_SYNTHETIC_CYCLES = 2
_SETTLES_LATE = 0.12


def cycle_record(
    calendar: Calendar,
    member: Member,
    night: Night,
    following: Night | None,
    strains: Iterable[float],
) -> Record:
    """Return the cycle that begins with a night, as it looks at every instant.

    ``strains`` are those of the day's workouts: a day is never easier than each of them.

    The open cycle is scored with partial strain and changes about every 100 minutes. It closes
    at the moment the following one is first seen; its energy often falls then. An eighth of the
    cycles change once more within three days (all seen in live accounts).
    """
    effort, chance = calendar.drawn_effort(night.date)
    end = calendar.waking(night.date).end
    closed = following.seen if following else end + effort.worn_on
    unscorable = effort.luck < member.habits.unscorable_share / 2
    pending = not unscorable and effort.luck < member.habits.pending_share
    body = _base(member, night.seen, night.cycle_start, offset_at(night.zone, night.cycle_start))
    day = _Day(
        member,
        night,
        strain=_add_up((effort.strain, *strains)),
        overshoot=effort.first_guess,
        steps=effort.steps if effort.steps_counted else None,
    )
    if unscorable or pending:
        body.update(unscored(chance, "UNSCORABLE" if unscorable else "PENDING_SCORE"))
        body.update(day.step_count(night.seen))
    else:
        body.update(day.partial(night.seen))
    versions = [Version(night.seen, body)]
    instant = night.seen
    while (instant := instant + chance.randrange(70, 130) * MINUTE) < closed:
        if not unscorable:
            versions.append(Version(instant, partial(_revise, body, instant, day.partial)))
    body = {**body, "end": format_instant(end)}
    closing = day.step_count if unscorable else day.final
    versions.append(Version(closed, partial(_revise, body, closed, closing)))
    if not unscorable and chance.random() < _SETTLES_LATE:
        again = closed + int(min(62.0, 1 + chance.expovariate(1 / 12)) * HOUR)
        settled = replace(day, strain=0.99 * day.strain)
        versions.append(Version(again, partial(_revise, body, again, settled.final)))
    return Record(str(body["id"]), versions)


def _revise(body: Body, instant: int, measure: Callable[[int], Body]) -> Body:
    """Make the body of a version; put off until it is asked for, as most never are."""
    return {**body, **measure(instant), "updated_at": format_instant(instant)}


def synthetic_cycles(calendar: Calendar, member: Member) -> Iterator[Record]:
    """Return the cycles WHOOP makes up for the days before a new member's first night.

    They run from midnight to midnight, were created days later, and a gap follows them (seen in
    a live account of 2023).
    """
    first = calendar.midnight(member.joined)
    for number in range(_SYNTHETIC_CYCLES):
        start = calendar.midnight(member.joined + timedelta(days=number))
        end = calendar.midnight(member.joined + timedelta(days=number + 1))
        seen = first + 2 * DAY + 14 * HOUR + number * 10 * SECOND
        body = _base(member, seen, start, offset_at(member.zone, start))
        body["end"] = format_instant(end)
        body["score_state"] = "SCORED"
        body["score"] = cycle_score(member, 0.1, 5500 * member.person.weight / 75)
        yield Record(str(body["id"]), [Version(seen, body)])


def _add_up(strains: Iterable[float]) -> float:
    """Combine strains on a scale that saturates, so that the sum stays below its end."""
    return MAX_STRAIN * (1 - prod(1 - strain / MAX_STRAIN for strain in strains))


def _base(member: Member, seen: int, start: int, offset: str) -> Body:
    return {
        "id": cycle_id(member.name, seen),
        "user_id": member.user_id,
        "created_at": format_instant(seen),
        "updated_at": format_instant(seen),
        "start": format_instant(start),
        "end": None,
        "timezone_offset": offset,
    }


@dataclass(frozen=True)
class _Day:
    """What a member does in one cycle."""

    member: Member
    night: Night
    strain: float
    overshoot: float
    """The energy shown just before closing, as a multiple of the final energy."""
    steps: int | None

    def partial(self, instant: int) -> Body:
        share = min(1.0, (instant - self.night.cycle_start) / DAY)
        strain = self.strain * (1 - exp(-3 * share)) / (1 - exp(-3))
        energy = self._energy() * self.overshoot * (0.25 + 0.75 * share)
        return self._scored(instant, strain, energy)

    def final(self, instant: int) -> Body:
        return self._scored(instant, self.strain, self._energy())

    def step_count(self, instant: int) -> Body:
        """Return the field, which straps before 4.0 do not send at all."""
        if not self.member.has_modern_strap:
            return {}
        if self.steps is None:
            return {"step_count": None}
        share = min(1.0, (instant - self.night.seen) / (15 * HOUR))
        return {"step_count": int(self.steps * share)}

    def _energy(self) -> float:
        return (6200 + 430 * self.strain) * self.member.person.weight / 75

    def _scored(self, instant: int, strain: float, energy: float) -> Body:
        return {
            "score_state": "SCORED",
            "score": cycle_score(self.member, strain, energy),
            **self.step_count(instant),
        }
