"""What happens to the records of a member of Withings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .canonical_changes import Changes, epoch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .canonical_rows import Record

HOUR, DAY = 3600, 86_400
#: A device that was never linked: its records alone tell when it was seen.
BORROWED = "somebody's scale"
#: What a night has only from a device of Withings.
STAGES = ("lightsleepduration", "deepsleepduration", "remsleepduration", "total_sleep_time")


class WithingsChanges(Changes):
    """What happens to a member of Withings."""

    def amend(self) -> None:
        """Weigh-ins of all kinds come late; what was there is corrected."""
        now = self._now
        for number, group in enumerate(self._groups()):
            self._add("measure_groups", date=now - number * 5 * HOUR, **group)
        known = [g for g in self.newest("measure_groups") if len(g["measures"]) > 1]
        for group in known[10:11]:
            self.edit("measure_groups", group, measures=group["measures"][1:])
        for group in known[12:13]:
            self.edit("measure_groups", group, measures=[])
        for group in known[14:15]:
            self.edit("measure_groups", group, attrib=1, date=group["date"] - 26 * HOUR)
        self._nights()
        self._workouts()
        for day in self.newest("activity")[:1]:
            self.edit("activity", day, steps=0, hr_max=0, distance=0, totalcalories=0)
        for day in self.newest("activity")[3:4]:
            self.edit("activity", day, timezone="Mars/Olympus", brand=18)
        self._add("heart_recordings", timestamp=now - 3 * DAY)

    def forget(self) -> None:
        """Some of everything goes, and a device is not listed any more."""
        for collection in ("measure_groups", "workouts", "sleep_summary", "activity"):
            for record in self.newest(collection)[6:9:2]:
                self.delete(collection, record)
        borrowed = [g for g in self.newest("measure_groups") if g.get("deviceid") == BORROWED]
        for group in borrowed[:1]:
            self.delete("measure_groups", group)
        for device in self.newest("devices")[:1]:
            self.sandbox.delete(self.member, "devices", device["deviceid"])

    def remember(self) -> None:
        """What went first is there again."""
        self.restore(3, modified=self._now)

    def copy(self, collection: str, original: Record) -> None:
        """Another app passes on what it heard of WHOOP."""
        start, end = (epoch(original[name]) for name in ("start", "end"))
        times = {"startdate": start + 30, "enddate": end + 45, "deviceid": None}
        data: Record = {"calories": 300}
        if collection == "sleep_summary":
            times["hash_deviceid"] = None
            data = {**dict.fromkeys(STAGES), "asleepduration": end - start}
        self._add(collection, **times, model=1060, model_id=1060, data=data)

    def _groups(self) -> Iterator[Record]:
        """Groups whose values are read in different ways."""
        phone = {"model": "iPhone", "modelid": 1059}
        yield {"measures": [_m(1, 75_500_003, -6), _m(6, 201, -1), _m(6, 202, -1), _m(6, 201, -1)]}
        yield {"measures": [_m(1, 7, 1), _m(4711, 1, 0), _m(18, 5, 0)], "attrib": 2, **phone}
        yield {"measures": [_m(1, 71_000, -3)], **phone}
        yield {"measures": [_m(4, 1760, -3)]}
        yield {"measures": [_m(173, 250, -1, 12), _m(173, 99, -1, 99), _m(174, 1, 0, 7)]}
        yield {"measures": [_m(174, 15, -1, 10), _m(174, 16, -1, 10)], "attrib": 1}
        yield {"measures": [_m(130, 2, 0), _m(139, 77, 0), _m(76, 123_456_789_012_345_678, -6)]}
        yield {"measures": [_m(1, 65_000, -3)], "category": 2}
        yield {"measures": [_m(1, 66_000, -3)], "category": 3}
        yield {"measures": [], "attrib": 4}
        yield {"measures": [_m(4, 1755, -3)]}
        for weight in (70, 71):
            yield {"measures": [_m(1, weight, 0)], "deviceid": BORROWED, "modelid": 5}

    def _nights(self) -> None:
        nights = [*self.newest("sleep_summary"), *(self._sleep(i * DAY) for i in range(4))]
        first, second, third, fourth = nights[:4]
        self.edit("sleep_summary", first, enddate=first["enddate"] + 900, completed=False)
        self.edit("sleep_summary", second, data={"hr_average": 0, "sleep_efficiency": 0.875})
        self.edit("sleep_summary", third, timezone="Mars/Olympus")
        end = fourth["startdate"]
        self._sleep(self._now - end, hours=11)
        passed_on = {**dict.fromkeys(STAGES), "asleepduration": 25_000}
        self.edit("sleep_summary", fourth, data=passed_on)

    def _workouts(self) -> None:
        workouts = [*self.newest("workouts"), *(self._add("workouts") for _ in range(3))]
        first, second, third = workouts[:3]
        typed = {"calories": 0, "manual_calories": 200, "distance": 0, "manual_distance": 1000}
        self.edit("workouts", first, attrib=2, data={**typed, "steps": 0, "pause_duration": 60})
        odd = {"algo_pause_duration": 45, "calories": 210.55, "hr_zone_3": 0}
        self.edit("workouts", second, category=9001, data=odd)
        self.edit("workouts", third, timezone=None, startdate=third["startdate"] - HOUR)

    def _sleep(self, ago: int, hours: int = 2) -> Record:
        end = self._now - ago
        return self._add("sleep_summary", startdate=end - hours * HOUR, enddate=end)

    @property
    def _now(self) -> int:
        return epoch(self.sandbox.now())

    def _add(self, collection: str, **given: Any) -> Record:
        number = self.new_id()
        if collection == "heart_recordings":
            given["ecg"] = {"signalid": number, "afib": 0}
        else:
            given["grpid" if collection == "measure_groups" else "id"] = number
        return self.sandbox.add(self.member, collection, given)


def _m(kind: int, value: int, unit: int, position: int | None = None) -> Record:
    """A measure."""
    measure = {"type": kind, "value": value, "unit": unit}
    return measure if position is None else {**measure, "position": position}
