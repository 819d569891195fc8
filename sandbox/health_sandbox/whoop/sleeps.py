"""Nights, their recoveries and naps over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_sandbox.instants import DAY, HOUR, MINUTE, format_instant
from health_sandbox.routine import nap_from
from health_sandbox.timeline import Body, Record, Version

from .calendar import Calendar, Night, offset_at
from .ids import activity_id, cycle_id
from .revisions import revised
from .scores import recovery_score, sleep_score, unscored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from health_sandbox.routine import Span

    from .members import Member

_LATEST_RECOVERY = int(2.7 * HOUR)
_CALIBRATING_DAYS = 7
_UNSETTLED_DAYS = 21
_RECOVERY_RESCORED = 0.05
_ENTERED_NAP_BEGINS = 0.87


def night_records(
    calendar: Calendar, seed: int, member: Member, night: Night
) -> tuple[Record, Record]:
    """Return the main sleep of a night and its recovery, as they look at every instant.

    A share is first PENDING_SCORE, a share UNSCORABLE for good, a share scored again hours
    later, most of these with a later end (seen: scored at 07:33, again at 12:15).
    """
    chance = calendar.draw("sleep", night.day)
    age = (night.date - member.joined).days
    habits, fate = member.habits, chance.random()
    shown = min(night.seen + chance.randrange(9 * MINUTE), night.first_wake + _LATEST_RECOVERY)
    shown = max(shown, night.seen)
    sleep_id = str(activity_id(seed, member.name, f"sleep/{night.day}"))
    sleep = sleep_body(member, sleep_id, night, (night.sleep_start, night.first_wake), night.seen)
    recovery: Body = {
        "cycle_id": sleep["cycle_id"],
        "sleep_id": sleep_id,
        "user_id": member.user_id,
        "created_at": format_instant(shown),
        "updated_at": format_instant(shown),
    }
    settled = age >= _UNSETTLED_DAYS

    def scored_sleep(end: int) -> Body:
        length = end - night.sleep_start
        score = sleep_score(chance, member, length, nap=False, settled=settled)
        return {"score_state": "SCORED", "score": score, "end": format_instant(end)}

    def scored_recovery() -> Body:
        score = recovery_score(chance, member, settled=age >= _CALIBRATING_DAYS)
        return {"score_state": "SCORED", "score": score}

    sleeps, recoveries = [Version(night.seen, sleep)], [Version(shown, recovery)]
    if fate < habits.unscorable_share:
        sleep.update(unscored(chance, "UNSCORABLE"))
        recovery.update(unscored(chance, "UNSCORABLE"))
    elif fate < habits.unscorable_share + habits.pending_share:
        sleep.update(unscored(chance, "PENDING_SCORE"))
        recovery.update(unscored(chance, "PENDING_SCORE"))
        ready = shown + chance.randrange(10, 45) * MINUTE
        sleeps.append(revised(sleep, ready, scored_sleep(night.first_wake)))
        recoveries.append(revised(recovery, ready, scored_recovery()))
    else:
        sleep.update(scored_sleep(night.first_wake))
        recovery.update(scored_recovery())
    if sleep["score_state"] == "UNSCORABLE":
        pass
    elif night.rescored:
        again = max(night.rescored, shown + HOUR)
        sleeps.append(revised(sleep, again, scored_sleep(night.wake)))
        recoveries.append(revised(recovery, again + MINUTE, scored_recovery()))
    elif chance.random() < _RECOVERY_RESCORED:
        again = shown + chance.randrange(HOUR, 14 * HOUR)
        recoveries.append(revised(recovery, again, scored_recovery()))
    return Record(sleep_id, sleeps), Record(str(recovery["cycle_id"]), recoveries)


def nap_records(
    calendar: Calendar, seed: int, member: Member, night: Night, following: Night | None
) -> Iterator[Record]:
    """Return the naps of the day after a night.

    A nap typed in by hand is listed before the night that follows it, out of order, as in a
    live account.
    """
    nap, chance = calendar.drawn_nap(night.date)
    settled = (night.date - member.joined).days >= _UNSETTLED_DAYS
    waking = calendar.waking(night.date)

    def record(nap: Span, *, entered: bool) -> Record:
        seen = nap.end + 6 * MINUTE + int(min(chance.expovariate(1 / 20), 100) * MINUTE)
        sleep_id = str(activity_id(seed, member.name, f"nap/{night.day}/{int(entered)}"))
        body = sleep_body(member, sleep_id, night, (nap.start, nap.end), seen)
        score = sleep_score(chance, member, nap.length, nap=True, settled=settled)
        body.update({"nap": True, "score_state": "SCORED", "score": score})
        listed = (following.sleep_start if following else nap.start + DAY) + 1 if entered else None
        return Record(sleep_id, [Version(seen, body)], listed_as_of=listed)

    if nap is not None:
        yield record(nap, entered=False)
    nap = nap_from(chance, member.habits.entered_nap_share, waking, _ENTERED_NAP_BEGINS)
    if nap is not None:
        yield record(nap, entered=True)


def sleep_body(
    member: Member, sleep_id: str, night: Night, span: tuple[int, int], seen: int
) -> Body:
    """Return a sleep of a night's cycle without its score."""
    return {
        "id": sleep_id,
        "cycle_id": cycle_id(member.name, night.seen),
        "v1_id": None,
        "user_id": member.user_id,
        "created_at": format_instant(seen),
        "updated_at": format_instant(seen),
        "start": format_instant(span[0]),
        "end": format_instant(span[1]),
        "timezone_offset": offset_at(night.zone, span[0]),
        "nap": False,
    }
