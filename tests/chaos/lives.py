"""How each vendor's records change."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import NAMESPACE_URL, uuid5

from ..oracle.records import parse_instant
from .life import Life, any_of

if TYPE_CHECKING:
    from .life import Record

#: Above all ids that the sandbox makes by itself.
_FIRST_ID = 9 * 10**14


class WhoopLife(Life):
    """WHOOP tells of a change, and nobody can ask for it."""

    ids: ClassVar = {"cycles": "id", "sleeps": "id", "recoveries": "cycle_id", "workouts": "id"}
    additions = frozenset({"cycles", "sleeps", "workouts"})
    movable = frozenset({"cycles", "sleeps", "workouts"})
    along: ClassVar = {"sleeps": "recoveries"}

    def new(self, collection: str, end: datetime, number: int) -> Record:
        """A record of an activity that ended then; the number tells it from others."""
        hours = {"cycles": 20, "sleeps": 8, "workouts": 1}[collection]
        cycle = collection == "cycles"
        return {
            "id": _FIRST_ID + number if cycle else str(uuid5(NAMESPACE_URL, str(number))),
            "start": _text(end - timedelta(hours=hours)),
            "end": _text(end),
        }

    def edited(self, collection: str, record: Record) -> Record | None:
        """A change of a value; another one each time."""
        name, value = {
            "cycles": ("strain", 5 + self._changes / 8),
            "sleeps": ("respiratory_rate", 10 + self._changes / 8),
            "recoveries": ("resting_heart_rate", 40.0 + self._changes),
            "workouts": ("average_heart_rate", 90 + self._changes),
        }[collection]
        return {"score": {name: value}} if record.get("score") else None

    def scored(self, collection: str, record: Record, state: str) -> Record | None:
        """A change of a score."""
        known = record.get("score") or any_of(self.records(collection), "score")
        return {"score_state": state, "score": known if state == "SCORED" else None}

    def moved(self, record: Record, by: timedelta) -> Record | None:
        """A change of the time of a record."""
        if record.get("end") is None:
            return None
        start, end = (parse_instant(record[name]) for name in ("start", "end"))
        by = min(by, self.now - end)
        return {"start": _text(start + by), "end": _text(end + by)}

    def can_go(self, record: Record) -> bool:
        """Whether a record can be deleted: none that goes on; a recovery only with its sleep."""
        return record.get("end", "") is not None and "sleep_id" not in record

    def stamp(self, record: Record, at: datetime) -> Record:
        """What tells that a record changed at an instant."""
        before = record.get("updated_at", "")
        return {"updated_at": max(_text(at), before)}


class WithingsLife(Life):
    """Withings is asked for what has changed."""

    ids: ClassVar = {
        "measure_groups": "grpid",
        "activity": "date",
        "workouts": "id",
        "sleep_summary": "id",
        "heart_recordings": "ecg",
    }
    additions = frozenset({"measure_groups", "workouts", "sleep_summary", "heart_recordings"})
    movable = frozenset({"measure_groups", "workouts", "sleep_summary"})

    def key(self, collection: str, record: Record) -> Any:
        """What the control endpoint calls a record."""
        if collection == "heart_recordings":
            return (record.get("ecg") or {}).get("signalid", record["timestamp"])
        return super().key(collection, record)

    def new(self, collection: str, end: datetime, number: int) -> Record:
        """A record of an activity that ended then; the number tells it from others."""
        at, key = _epoch(end), _FIRST_ID + number
        if collection == "measure_groups":
            weight = {"type": 1, "value": 70_000 + number, "unit": -3}
            return {"grpid": key, "date": at, "measures": [weight]}
        if collection == "heart_recordings":
            return {"timestamp": at, "ecg": {"signalid": key, "afib": 0}}
        hours = {"workouts": 1, "sleep_summary": 8}[collection]
        return {"id": key, "startdate": at - hours * 3600, "enddate": at}

    def edited(self, collection: str, record: Record) -> Record | None:  # noqa: ARG002
        """A change of a value; another one each time. A group loses all measures but one."""
        changes: dict[str, Record] = {
            "measure_groups": {
                "measures": [{"type": 1, "value": 60_000 + self._changes, "unit": -3}]
            },
            "activity": {"steps": 5000 + self._changes},
            "workouts": {"data": {"steps": 5000 + self._changes}},
            "sleep_summary": {"data": {"hr_average": 40 + self._changes}},
            "heart_recordings": {"heart_rate": 40 + self._changes},
        }
        return changes[collection]

    def scored(self, collection: str, record: Record, state: str) -> Record | None:  # noqa: ARG002
        """A change of a score: a night that is complete, a group whose owner is certain."""
        sure = state == "SCORED"
        changes: dict[str, Record] = {
            "sleep_summary": {"completed": sure},
            "measure_groups": {"attrib": 0 if sure else 1},
        }
        return changes.get(collection)

    def moved(self, record: Record, by: timedelta) -> Record | None:
        """A change of the time of a record."""
        names = [name for name in ("startdate", "enddate") if name in record] or ["date"]
        by = min(by, self.now - _instant(record[names[-1]]))
        change: Record = {name: record[name] + round(by.total_seconds()) for name in names}
        if len(names) > 1:
            change["date"] = _instant(change["enddate"]).date().isoformat()
        return change

    def stamp(self, record: Record, at: datetime) -> Record:
        """What tells that a record changed at an instant."""
        return {"modified": max(_epoch(at), record.get("modified") or 0)}


LIVES: dict[str, type[Life]] = {"whoop": WhoopLife, "withings": WithingsLife}


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _epoch(at: datetime) -> int:
    return int(at.replace(tzinfo=timezone.utc).timestamp())


def _instant(epoch: int) -> datetime:
    return datetime(1970, 1, 1) + timedelta(seconds=epoch)
