"""A member's whole account: generated day by day up to the clock, and open to edits."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from health_sandbox.instants import parse_instant, to_datetime
from health_sandbox.timeline import NEVER, Body, Ledger, Lookup, Record, Row, Span, Version

from .calendar import Calendar
from .cycles import cycle_record, synthetic_cycles
from .sleeps import nap_records, night_records
from .workouts import workout_records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .members import Member

_WEIGHED_EVERY_DAYS = 14
_ALWAYS = -NEVER


def _no_span(_: Body, __: Lookup) -> tuple[int, int]:
    return _ALWAYS, NEVER


def _own_span(body: Body, _: Lookup) -> tuple[int, int]:
    end = body.get("end")
    return parse_instant(body["start"]), NEVER if end is None else parse_instant(end)


def _span_of_sleep(body: Body, lookup: Lookup) -> tuple[int, int]:
    """Return the time of a recovery: that of its sleep, else of its cycle."""
    source = lookup("sleeps", str(body["sleep_id"])) or lookup("cycles", str(body["cycle_id"]))
    return _own_span(source, lookup) if source else _no_span(body, lookup)


SPANS: Mapping[str, Span] = {
    "profile": _no_span,
    "body": _no_span,
    "cycles": _own_span,
    "sleeps": _own_span,
    "recoveries": _span_of_sleep,
    "workouts": _own_span,
}
"""The collections, and how to tell from when to when the activity of a record lasted."""


class History:
    """One member's records at every instant.

    What happens on a date depends on the seed, the member and the date alone; ``since`` only
    cuts off what lies before.
    """

    def __init__(self, member: Member, seed: int, since: date) -> None:
        self.member = member
        self.calendar = Calendar(member, seed)
        self.ledger = Ledger(SPANS)
        self._seed = seed
        self._next = since
        self._put_person(since)

    def rows(self, collection: str, now: int) -> dict[str, Row]:
        """Return what a collection shows at an instant by id, newest first."""
        self._live_until(now)
        return self.ledger.rows(collection, now)

    def _live_until(self, now: int) -> None:
        last = to_datetime(now).date() + timedelta(days=1)
        while self._next <= last:
            self._live_through(self._next)
            self._next += timedelta(days=1)

    def _put_person(self, since: date) -> None:
        member, key = self.member, str(self.member.user_id)
        profile = {
            "user_id": member.user_id,
            "email": f"{member.name}@sandbox.example",
            "first_name": member.person.first_name,
            "last_name": member.person.last_name,
        }
        self.ledger.put("profile", Record(key, [Version(_ALWAYS, profile)]))
        if member.has_body:
            self.ledger.put("body", Record(key, [Version(_ALWAYS, self._measure(since))]))

    def _measure(self, day: date) -> Body:
        chance = self.calendar.draw("weight", day.toordinal() // _WEIGHED_EVERY_DAYS)
        return {
            "height_meter": self.member.person.height,
            "weight_kilogram": round(self.member.person.weight + chance.gauss(0, 0.8), 4),
            "max_heart_rate": self.member.person.max_heart_rate,
        }

    def _live_through(self, day: date) -> None:
        """Add the records of the night of a date and of the day that follows it."""
        member, calendar, ledger = self.member, self.calendar, self.ledger
        if member.has_body and day.toordinal() % _WEIGHED_EVERY_DAYS == 0:
            weighed = Version(calendar.midnight(day), self._measure(day))
            ledger.extend("body", str(member.user_id), weighed)
        if not member.wears_strap:
            return
        if day == member.joined:
            for cycle in synthetic_cycles(calendar, member):
                ledger.put("cycles", cycle)
        night, following = calendar.night(day), calendar.night(day + timedelta(days=1))
        if night is None:
            return
        strains = []
        for workout, strain in workout_records(calendar, self._seed, member, night):
            ledger.put("workouts", workout)
            strains.append(strain)
        ledger.put("cycles", cycle_record(calendar, member, night, following, strains))
        if night.slept:
            sleep, recovery = night_records(calendar, self._seed, member, night)
            ledger.put("sleeps", sleep)
            ledger.put("recoveries", recovery)
        for nap in nap_records(calendar, self._seed, member, night, following):
            ledger.put("sleeps", nap)
