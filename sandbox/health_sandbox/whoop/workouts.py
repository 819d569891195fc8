"""Workouts over time: often late, sometimes edited or deleted by the member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from health_sandbox.instants import HOUR, MINUTE, format_instant
from health_sandbox.timeline import Body, Record, Version

from .calendar import Calendar, Night, offset_at
from .ids import activity_id
from .revisions import revised
from .scores import unscored, workout_score
from .sports import SPORTS, Sport

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from .members import Member

_SEEN_AT_THE_LATEST = 14.7
_CHANGED_AT_THE_LATEST = 40.5
_RELABELLED_SHARE = 0.25
_RELABELLED = tuple(
    sport for sport in SPORTS.values() if sport.effort and sport.sport_id is not None
)


@dataclass(frozen=True)
class Workout:
    """What a member did, before WHOOP says anything about it; instants in UTC."""

    member: Member
    id: str
    sport: Sport
    start: int
    end: int
    offset: str

    def body(self, seen: int) -> Body:
        """Return the record without its score."""
        return {
            "id": self.id,
            "v1_id": None,
            "user_id": self.member.user_id,
            "created_at": format_instant(seen),
            "updated_at": format_instant(seen),
            "start": format_instant(self.start),
            "end": format_instant(self.end),
            "timezone_offset": self.offset,
            **_sport_fields(self.sport),
        }

    def scored(self, chance: random.Random) -> Body:
        """Return the state and score of the record."""
        if not self.sport.scored:
            return unscored(chance, "UNSCORABLE")
        score = workout_score(chance, self.member, self.sport, self.end - self.start)
        return {"score_state": "SCORED", "score": score}


def workout_records(
    calendar: Calendar, seed: int, member: Member, night: Night
) -> Iterator[tuple[Record, float]]:
    """Return the workouts of the day after a night, each with its greatest strain."""
    for number, bout, chance in calendar.drawn_bouts(night.date):
        workout_id = str(activity_id(seed, member.name, f"workout/{night.day}/{number}"))
        start, end = bout.span.start, bout.span.end
        offset = offset_at(night.zone, start)
        workout = Workout(member, workout_id, SPORTS[bout.kind], start, end, offset)
        versions = _versions(chance, workout)
        yield Record(workout_id, versions), max(map(_strain, versions))


def _strain(version: Version) -> float:
    score = version.body.get("score") if isinstance(version.body, dict) else None
    return float(score["strain"]) if score else 0.0


def _versions(chance: random.Random, workout: Workout) -> list[Version]:
    """Return how a workout appears, is scored, and is edited or deleted.

    Seen in a live account: up to 14.7 h from end to appearance, up to 40.5 h to an edit.
    """
    habits = workout.member.habits
    hours = min(0.05 + chance.expovariate(3), 2.0)
    if chance.random() < habits.late_workout_share:
        hours = chance.uniform(2.0, _SEEN_AT_THE_LATEST)
    seen = workout.end + int(hours * HOUR)
    body, versions = workout.body(seen), []
    versions.append(Version(seen, body))
    if workout.sport.scored and chance.random() < habits.pending_share:
        body.update(unscored(chance, "PENDING_SCORE"))
        ready = seen + chance.randrange(5, 30) * MINUTE
        versions.append(revised(body, ready, workout.scored(chance)))
    else:
        body.update(workout.scored(chance))
    fate = chance.random()
    changed = workout.end + int(chance.uniform(hours + 1, _CHANGED_AT_THE_LATEST) * HOUR)
    if fate < habits.workout_change_share:
        versions.append(revised(body, changed, _correction(chance, workout)))
    elif fate < 1.25 * habits.workout_change_share:
        versions.append(Version(changed, None))
    return versions


def _correction(chance: random.Random, workout: Workout) -> Body:
    """Return an edit by the member: other times, hence another score; at times another sport."""
    relabelled = workout.sport.effort and chance.random() < _RELABELLED_SHARE
    corrected = Workout(
        workout.member,
        workout.id,
        chance.choice(_RELABELLED) if relabelled else workout.sport,
        workout.start + chance.randrange(1, 6) * MINUTE,
        workout.end - chance.randrange(1, 6) * MINUTE,
        workout.offset,
    )
    return {
        "start": format_instant(corrected.start),
        "end": format_instant(corrected.end),
        **_sport_fields(corrected.sport),
        **corrected.scored(chance),
    }


def _sport_fields(sport: Sport) -> Body:
    fields: Body = {"sport_name": sport.name}
    if sport.sport_id is not None:
        fields["sport_id"] = sport.sport_id
    return fields
