"""Every row that has to be in a canonical table, of all that was read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from . import canonical_details as details
from . import canonical_scores as scores
from . import canonical_tables as t
from .canonical_measures import WithingsValues
from .canonical_people import Member, Person, owners
from .canonical_preference import Household, with_episodes, with_preference
from .canonical_sessions import SLEEPS, WORKOUTS
from .canonical_weigh_ins import weigh_ins
from .canonical_whoop import Whoop
from .canonical_withings import Withings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .canonical_preference import Preference
    from .canonical_readings import Readings
    from .canonical_rows import Expected
    from .canonical_zones import Home


@dataclass(frozen=True)
class Wishes:
    """What the user said: whose accounts are whose, where home is, and which source is believed."""

    owners: Mapping[tuple[str, str], str] = field(default_factory=dict)
    homes: Mapping[str, Sequence[Home]] = field(default_factory=dict)
    preferences: Sequence[Preference] = ()


def expected_rows(everything: Iterable[Readings], wishes: Wishes) -> dict[t.Table, list[Expected]]:
    """Every row of every table.

    Args:
        everything: What was read of each account.
        wishes: What the user said.
    """
    read = sorted(everything, key=lambda each: (each.account.vendor, each.account.number))
    accounts = owners((each.account for each in read), wishes.owners)
    people: dict[str, list[Readings]] = defaultdict(list)
    for each, account in zip(read, accounts, strict=True):
        people[account.user_id].append(replace(each, account=account))
    made: dict[t.Table, list[Expected]] = {table: [] for table in t.TABLES}
    for name, told in people.items():
        person = Person(told, wishes.homes.get(name, ()))
        for table, rows in _of_person(person, wishes):
            made[table] += table.rows(rows)
    types = {row.columns["device_key"]: row.columns["device_type"] for row in made[t.DEVICE]}
    household = Household(types, wishes.preferences)
    nights, workouts, values = (
        made[t] for t in (t.SLEEP_SESSIONS, t.WORKOUTS, t.BIOMETRICS_VITALS)
    )
    days = {w.columns["workout_key"]: w.columns["local_date"] for w in workouts}
    for zone in made[t.WORKOUT_HR_ZONES]:
        zone.columns["local_date"] = days[zone.columns["workout_key"]]
    made[t.BODY_MEASUREMENTS] = t.BODY_MEASUREMENTS.rows(weigh_ins(values))
    return {
        **made,
        t.SLEEP_SESSIONS: with_episodes(nights, household, SLEEPS),
        t.WORKOUTS: with_episodes(workouts, household, WORKOUTS),
        t.BIOMETRICS_VITALS: with_preference(values, household),
    }


def _of_person(person: Person, wishes: Wishes) -> Iterator[tuple[t.Table, Iterable[Expected]]]:
    yield t.USER_IDENTITY, person.identity()
    yield t.USER_TIMEZONE_HISTORY, person.stays()
    for readings in person.accounts:
        member = Member(readings)
        yield t.SOURCE_ACCOUNT, member.account(wishes.owners)
        yield t.DEVICE, member.devices()
        if readings.account.vendor == "whoop":
            whoop = Whoop(readings)
            yield t.SLEEP_SESSIONS, whoop.sleeps()
            yield t.WORKOUTS, whoop.workouts()
            yield t.BIOMETRICS_VITALS, whoop.vitals()
            yield t.PHYSIOLOGICAL_CYCLES, scores.cycles(whoop)
            yield t.SOURCE_SCORES, scores.of_whoop(whoop)
            yield t.WORKOUT_HR_ZONES, details.zones_of_whoop(whoop)
        else:
            withings = Withings(readings)
            yield t.SLEEP_SESSIONS, withings.sleeps()
            yield t.WORKOUTS, withings.workouts()
            yield t.BIOMETRICS_VITALS, WithingsValues(readings, person.whereabouts).vitals()
            yield t.SOURCE_SCORES, scores.of_withings(withings)
            yield t.WORKOUT_HR_ZONES, details.zones_of_withings(withings)
            yield t.SLEEP_STAGES, details.stages(withings)
