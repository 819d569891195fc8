"""What happens to a member's records between two syncs.

Everything is counted from the newest record, so the same moment brings the same changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5
from zlib import crc32

from .records import parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from health_sandbox.client import ControlClient

    from .canonical_rows import Record

HOUR, DAY = 3600, 86_400
#: Above all ids that the sandbox makes by itself.
FIRST_ID = 9 * 10**14
#: What is found missing without a reconcile: not too new, and not behind the look-back.
SETTLED = timedelta(days=1, hours=2), timedelta(days=5)


@dataclass
class WhoopLife:
    """What happens to a member of WHOOP."""

    sandbox: ControlClient
    member: str
    _gone: list[tuple[str, Record]] = field(default_factory=list)
    _count: int = 0

    def amend(self) -> None:
        """Scores, sports and times change; things come late, and odd ones."""
        add, edit = self._add, self._edit
        nights = [sleep for sleep in self._newest("sleeps") if not sleep["nap"]]
        night, unscorable, elsewhere = nights[:3]
        add("sleeps", cycle_id=night["cycle_id"], **_span(night["end"], 0.5, 1.5), nap=False)
        add("sleeps", cycle_id=night["cycle_id"], **_span(night["end"], 2, 12), nap=True)
        edit("sleeps", night, score={"respiratory_rate": 13.5 + self._count / 8})
        edit("sleeps", unscorable, score_state="UNSCORABLE", score=None)
        edit("sleeps", elsewhere, timezone_offset="-09:30")
        edit("sleeps", nights[min(15, len(nights) - 1)], score={"respiratory_rate": 11.25})
        recovery = self._newest("recoveries")[0]
        edit("recoveries", recovery, score={"hrv_rmssd_milli": 44.5, "spo2_percentage": None})
        cycles = self._newest("cycles")
        bare = add("cycles", **_span(cycles[1]["start"], -30, -10), score_state="PENDING_SCORE")
        add("recoveries", cycle_id=bare["id"], sleep_id=self._uuid())
        add("recoveries", cycle_id=FIRST_ID + self._number(), sleep_id=self._uuid())
        edit("cycles", cycles[2], step_count=None)
        workouts = [*self._newest("workouts"), *(add("workouts") for _ in range(3))]
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
            self._delete("sleeps", night)
        for night in nights[2:4]:
            recovery = self._recovery_of(night)
            self._delete("sleeps", night)
            replaces = {**night, "id": self._uuid(), **_span(night["start"], 0.25, 6.125)}
            if night is nights[2]:
                self._add("sleeps", **replaces)
                recovery |= {"sleep_id": replaces["id"]}
            if "cycle_id" in recovery:
                self._add("recoveries", **recovery)
        for collection in ("workouts", "cycles"):
            for record in self._settled(collection)[:1]:
                self._delete(collection, record)

    def remember(self) -> None:
        """What went first is there again, as it was."""
        for collection, record in self._gone[:2]:
            self.sandbox.add(self.member, collection, record)
        self._gone.clear()

    def _newest(self, collection: str) -> list[Record]:
        return self.sandbox.truth(self.member, collection)

    def _settled(self, collection: str) -> list[Record]:
        now, (least, most) = parse_instant(self.sandbox.now()), SETTLED
        return [
            record
            for record in self._newest(collection)
            if record["end"]
            and parse_instant(record["end"]) < now - least
            and parse_instant(record["start"]) > now - most
        ]

    def _recovery_of(self, night: Record) -> Record:
        found = (r for r in self._newest("recoveries") if r["sleep_id"] == night["id"])
        return next(found, {})

    def _add(self, collection: str, **given: Any) -> Record:
        if collection == "cycles":
            given = {"id": FIRST_ID + self._number(), **given}
        elif collection != "recoveries":
            given = {"id": self._uuid(), **given}
        return self.sandbox.add(self.member, collection, given)

    def _edit(self, collection: str, record: Record, **change: Any) -> None:
        if record.get("score") or "score" not in change:
            self.sandbox.edit(self.member, collection, _key(record), change)

    def _delete(self, collection: str, record: Record) -> None:
        recovery = self._recovery_of(record) if collection == "sleeps" else {}
        self.sandbox.delete(self.member, collection, _key(record))
        self._gone.append((collection, record))
        if recovery:
            self._gone.append(("recoveries", recovery))

    def _uuid(self) -> str:
        return str(uuid5(NAMESPACE_URL, f"{self.member}/{self._number()}"))

    def _number(self) -> int:
        self._count += 1
        return _number(self.member, self._count)


@dataclass
class WithingsLife:
    """What happens to a member of Withings."""

    sandbox: ControlClient
    member: str
    _gone: list[tuple[str, Record]] = field(default_factory=list)
    _count: int = 0

    def amend(self) -> None:
        """Weigh-ins of all kinds come late; what was there is corrected."""
        now = self._now
        for number, group in enumerate(self._groups()):
            self._add("measure_groups", date=now - number * 5 * HOUR, **group)
        known = [g for g in self._newest("measure_groups") if len(g["measures"]) > 1]
        for group in known[10:11]:
            self._edit("measure_groups", group, measures=group["measures"][1:])
        for group in known[12:13]:
            self._edit("measure_groups", group, measures=[])
        for group in known[14:15]:
            self._edit("measure_groups", group, attrib=1, date=group["date"] - 26 * HOUR)
        self._nights()
        self._workouts()
        for day in self._newest("activity")[:1]:
            self._edit("activity", day, steps=0, hr_max=0, distance=0, totalcalories=0)
        for day in self._newest("activity")[3:4]:
            self._edit("activity", day, timezone="Mars/Olympus", brand=18)
        self._add("heart_recordings", timestamp=now - 3 * DAY)

    def forget(self) -> None:
        """Some of everything goes, and a device is not listed any more."""
        for collection in ("measure_groups", "workouts", "sleep_summary", "activity"):
            for record in self._newest(collection)[6:9:2]:
                self._delete(collection, record)
        for device in self._newest("devices")[:1]:
            self.sandbox.delete(self.member, "devices", device["deviceid"])

    def remember(self) -> None:
        """What went first is there again."""
        for collection, record in self._gone[:3]:
            self.sandbox.add(self.member, collection, {**record, "modified": self._now})
        self._gone.clear()

    def _groups(self) -> Iterator[Record]:
        """Groups whose values are read in different ways."""
        phone = {"model": "iPhone", "modelid": 1059}
        yield {"measures": [_m(1, 75_500_003, -6), _m(6, 201, -1), _m(6, 202, -1), _m(6, 201, -1)]}
        yield {"measures": [_m(1, 7, 1), _m(4711, 1, 0), _m(18, 5, 0)], "attrib": 2, **phone}
        yield {"measures": [_m(1, 71_000, -3)], **phone}
        yield {"measures": [_m(173, 250, -1, 12), _m(173, 99, -1, 99), _m(174, 1, 0, 7)]}
        yield {"measures": [_m(174, 15, -1, 10), _m(174, 16, -1, 10)], "attrib": 1}
        yield {"measures": [_m(130, 2, 0), _m(139, 77, 0), _m(76, 123_456_789_012_345_678, -6)]}
        yield {"measures": [_m(1, 65_000, -3)], "category": 2}
        yield {"measures": [_m(1, 66_000, -3)], "category": 3}
        yield {"measures": [], "attrib": 4}

    def _nights(self) -> None:
        nights = [*self._newest("sleep_summary"), *(self._sleep(i * DAY) for i in range(4))]
        first, second, third, fourth = nights[:4]
        self._edit("sleep_summary", first, enddate=first["enddate"] + 900, completed=False)
        self._edit("sleep_summary", second, data={"hr_average": 0, "sleep_efficiency": 0.875})
        self._edit("sleep_summary", third, timezone="Mars/Olympus")
        end = fourth["startdate"]
        self._sleep(self._now - end, hours=11)
        stages = ("lightsleepduration", "deepsleepduration", "remsleepduration", "total_sleep_time")
        passed_on = {**dict.fromkeys(stages), "asleepduration": 25_000}
        self._edit("sleep_summary", fourth, data=passed_on)

    def _workouts(self) -> None:
        workouts = [*self._newest("workouts"), *(self._add("workouts") for _ in range(3))]
        first, second, third = workouts[:3]
        typed = {"calories": 0, "manual_calories": 200, "distance": 0, "manual_distance": 1000}
        self._edit("workouts", first, attrib=2, data={**typed, "steps": 0, "pause_duration": 60})
        self._edit("workouts", second, category=9001, data={"algo_pause_duration": 45})
        self._edit("workouts", third, timezone=None, startdate=third["startdate"] - HOUR)

    def _sleep(self, ago: int, hours: int = 2) -> Record:
        end = self._now - ago
        return self._add("sleep_summary", startdate=end - hours * HOUR, enddate=end)

    @property
    def _now(self) -> int:
        return int((parse_instant(self.sandbox.now()) - datetime(1970, 1, 1)).total_seconds())

    def _newest(self, collection: str) -> list[Record]:
        return self.sandbox.truth(self.member, collection)

    def _add(self, collection: str, **given: Any) -> Record:
        self._count += 1
        number = FIRST_ID + _number(self.member, self._count)
        if collection == "heart_recordings":
            given["ecg"] = {"signalid": number, "afib": 0}
        else:
            given["grpid" if collection == "measure_groups" else "id"] = number
        return self.sandbox.add(self.member, collection, given)

    def _edit(self, collection: str, record: Record, **change: Any) -> None:
        self.sandbox.edit(self.member, collection, _key(record), change)

    def _delete(self, collection: str, record: Record) -> None:
        self.sandbox.delete(self.member, collection, _key(record))
        self._gone.append((collection, record))


def _number(member: str, count: int) -> int:
    """Another one for each member and record."""
    return 10_000 * (crc32(member.encode()) % 10_000) + count


def _key(record: Record) -> str:
    """What the control endpoint calls a record; a recovery by its cycle."""
    names = ("id", "grpid", "cycle_id", "date")
    return str(next(record[name] for name in names if name in record))


def _span(around: str, since: float, until: float) -> dict[str, str]:
    """A time by its hours after an instant."""
    at = parse_instant(around)
    ends = [at + timedelta(hours=hours) for hours in (since, until)]
    start, end = (f"{each:%Y-%m-%dT%H:%M:%S}.{each.microsecond // 1000:03d}Z" for each in ends)
    return {"start": start, "end": end}


def _m(kind: int, value: int, unit: int, position: int | None = None) -> Record:
    """A measure."""
    measure = {"type": kind, "value": value, "unit": unit}
    return measure if position is None else {**measure, "position": position}
