"""What happens to the records of a member of WHOOP."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from .canonical_changes import Changes
from .records import parse_instant

if TYPE_CHECKING:
    from .canonical_rows import Record

#: A night that is behind the look-back: nobody sees that it changed until a reconcile.
OLD = 15
#: What is found missing without a reconcile: not too new, and not behind the look-back.
SETTLED = timedelta(days=1, hours=2), timedelta(days=5)


class WhoopChanges(Changes):
    """What happens to a member of WHOOP."""

    def amend(self) -> None:
        """Scores, sports and times change; things come late, and odd ones."""
        add, edit = self._add, self.edit
        nights = [sleep for sleep in self.newest("sleeps") if not sleep["nap"]]
        if len(nights) <= OLD:  # a new member
            return
        night, unscorable, elsewhere = nights[:3]
        add("sleeps", cycle_id=night["cycle_id"], **_span(night["end"], 0.5, 1.5), nap=False)
        add("sleeps", cycle_id=night["cycle_id"], **_span(night["end"], 2, 12), nap=True)
        self._score("sleeps", night, respiratory_rate=13.5 + self._count / 8)
        edit("sleeps", unscorable, score_state="UNSCORABLE", score=None)
        edit("sleeps", elsewhere, timezone_offset="-09:30")
        self._score("sleeps", nights[OLD], respiratory_rate=11.25)
        recovery = self.newest("recoveries")[0]
        self._score("recoveries", recovery, hrv_rmssd_milli=44.5, spo2_percentage=None)
        cycles = self.newest("cycles")
        bare = add("cycles", **_span(cycles[1]["start"], -30, -10), score_state="PENDING_SCORE")
        add("cycles")  # goes on, and has no sleep
        add("recoveries", cycle_id=bare["id"], sleep_id=self._uuid())
        add("recoveries", cycle_id=self.new_id(), sleep_id=self._uuid())
        edit("cycles", cycles[2], step_count=None)
        workouts = [*self.newest("workouts"), *(add("workouts") for _ in range(3))]
        moved, unreadable, unscored = workouts[:3]
        edit("workouts", moved, sport_name="Hiking Rucking", **_span(moved["start"], -1, 0.25))
        edit("workouts", unreadable, timezone_offset="+0530")
        edit("workouts", unscored, score_state="PENDING_SCORE", score=None)
        late = _span(night["start"], -9, -8.2)
        score = {"distance_meter": 1234.5678, "altitude_gain_meter": 12.25}
        add("workouts", **late, sport_name="underwater chess", score=score)

    def forget(self) -> None:
        """A night goes with its recovery, another is replaced, one recovery outlives its sleep."""
        nights = [sleep for sleep in self._settled("sleeps") if not sleep["nap"]]
        for night in nights[:2]:
            self.delete("sleeps", night)
        for night in nights[2:4]:
            recovery = self._recovery_of(night)
            self.delete("sleeps", night)
            replaces = {**night, "id": self._uuid(), **_span(night["start"], 0.25, 6.125)}
            if night is nights[2]:
                self._add("sleeps", **replaces)
                recovery |= {"sleep_id": replaces["id"]}
            if "cycle_id" in recovery:
                self._add("recoveries", **recovery)
        for collection in ("workouts", "cycles"):
            for record in self._settled(collection)[:1]:
                self.delete(collection, record)

    def remember(self) -> None:
        """The two nights are there again, one of them without its recovery."""
        self.restore(3)

    def delete(self, collection: str, record: Record) -> None:
        """Have WHOOP forget a record, and the recovery that goes along with a sleep."""
        recovery = self._recovery_of(record) if collection == "sleeps" else {}
        super().delete(collection, record)
        if recovery:
            self._gone.append(("recoveries", recovery))

    def _settled(self, collection: str) -> list[Record]:
        now, (least, most) = parse_instant(self.sandbox.now()), SETTLED
        return [
            record
            for record in self.newest(collection)
            if record["end"]
            and parse_instant(record["end"]) < now - least
            and parse_instant(record["start"]) > now - most
        ]

    def _add(self, collection: str, **given: Any) -> Record:
        if collection == "cycles":
            given = {"id": self.new_id(), **given}
        elif collection != "recoveries":
            given = {"id": self._uuid(), **given}
        return self.sandbox.add(self.member, collection, given)

    def _recovery_of(self, night: Record) -> Record:
        found = (r for r in self.newest("recoveries") if r["sleep_id"] == night["id"])
        return next(found, {})

    def _score(self, collection: str, record: Record, **score: Any) -> None:
        if record.get("score"):
            self.edit(collection, record, score=score)

    def _uuid(self) -> str:
        return str(uuid5(NAMESPACE_URL, str(self.new_id())))


def _span(around: str, since: float, until: float) -> dict[str, str]:
    """A time by its hours after an instant."""
    at = parse_instant(around)
    ends = [at + timedelta(hours=hours) for hours in (since, until)]
    start, end = (f"{each:%Y-%m-%dT%H:%M:%S}.{each.microsecond // 1000:03d}Z" for each in ends)
    return {"start": start, "end": end}
