"""Days of 23, 25 and other numbers of hours, zones off the hour, the date line, the leap day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from ..oracle.records import parse_instant
from .reliability import cell
from .strikes import BOTH, assert_works, expect_no_goals, survived
from .vendors import WHOOP, WITHINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .cell import Cell
    from .vendors import Vendor
    from .world import World

GROUP = "Faults of days"
DAYS = timedelta(days=20)
#: Lives where clocks change by half an hour; has a scale, and no watch, of Withings.
HALF_HOUR = "dee"
#: Who lives where something is odd at that time.
TIMES = {
    "clocks go forward": ("ana", datetime(2027, 4, 4, 12)),
    "clocks go back": ("ana", datetime(2026, 11, 2, 12)),
    "clocks go forward by half an hour": (HALF_HOUR, datetime(2026, 10, 12, 12)),
    "clocks go back by half an hour": (HALF_HOUR, datetime(2027, 4, 12, 12)),
    "zone of 30 minutes": ("chandra", datetime(2026, 7, 1, 12)),
    "travels": ("fay", datetime(2026, 8, 1, 12)),
    "leap day": ("ana", datetime(2028, 3, 5, 12)),
}
#: Zones that nobody lives in, as each vendor writes them.
ZONES = {
    "zone of 45 minutes": [("+05:45", "Asia/Kathmandu"), ("+12:45", "Pacific/Chatham")],
    "date line": [
        ("+14:00", "Pacific/Kiritimati"),
        ("-11:00", "Pacific/Pago_Pago"),
        ("+13:00", "Pacific/Tongatapu"),
        ("-10:00", "Pacific/Honolulu"),
    ],
}


def begin_at(struck: Cell, vendor: Vendor, now: datetime) -> None:
    """Let the cell begin at another time."""
    start = now - DAYS
    struck.server.set_clock(f"{now:%Y-%m-%dT%H:%M:%SZ}")
    struck.environment[f"{vendor.prefix}START_DATE"] = f"{start:%Y-%m-%dT%H:%M:%SZ}"
    token = struck.sandbox.grant(struck.oracle.member)["refresh_token"]
    struck.environment[f"{vendor.prefix}REFRESH_TOKEN"] = str(token)
    own: Any = struck.oracle
    struck.oracle = replace(own, start=start)


def local(instant: datetime, place: str) -> datetime:
    """An instant in a zone by its name, or by its offset from UTC."""
    if "/" in place:
        zone: Any = ZoneInfo(place)
    else:
        hours, minutes = (int(part) for part in place[1:].split(":"))
        ahead = timedelta(hours=hours, minutes=minutes)
        zone = timezone(-ahead if place.startswith("-") else ahead)
    return instant.replace(tzinfo=timezone.utc).astimezone(zone)


def expected_dates(struck: Cell, vendor: Vendor) -> Iterator[tuple[str, str, date]]:
    """Each session of canonical, and the local date of its waking up or its begin.

    Who has a scale alone has no sessions: each weigh-in, in the zone of the account.
    """
    place = "timezone_offset" if vendor is WHOOP else "timezone"
    sleeps = "sleeps" if vendor is WHOOP else "sleep_summary"
    for stream, relation, is_by_end in (
        (sleeps, "sleep_sessions", True),
        ("workouts", "workouts", False),
    ):
        for record in struck.oracle.truth(stream):
            at = record.end if is_by_end else record.start
            if at and struck.oracle.wants(record):
                yield relation, str(record.key[0]), local(at, record.columns[place]).date()
    if struck.oracle.member == HALF_HOUR and vendor is WITHINGS:
        ((zone,),) = struck.query("select distinct timezone from withings_raw.measures")
        for record in struck.oracle.truth("measure_groups"):
            if record.start and struck.oracle.wants(record):
                yield "biometrics_vitals", str(record.key[0]), local(record.start, zone).date()


def assert_local_dates(struck: Cell, vendor: Vendor) -> None:
    struck.build()
    found = {
        (relation, key): local_date
        for relation in ("sleep_sessions", "workouts", "biometrics_vitals")
        for key, local_date in struck.query(
            f"select raw_source_id, local_date from canonical.{relation} "
            f"where source_system = '{vendor.name}' and deleted_at is null"
        )
    }
    expected = [*expected_dates(struck, vendor)]
    assert expected
    for relation, key, local_date in expected:
        assert found[relation, key] == local_date, f"{relation} {key}"


@pytest.mark.parametrize(
    ("vendor", "member", "now"),
    [
        cell(
            GROUP,
            f"{vendor.words}: {words}",
            vendor,
            member,
            now,
            quick=(vendor, words) == (WHOOP, "clocks go back by half an hour"),
        )
        for vendor in BOTH
        for words, (member, now) in TIMES.items()
    ],
)
def test_every_record_is_on_its_own_day(
    world: World, vendor: Vendor, member: str, now: datetime
) -> None:
    with survived(world, vendor, days=1, member=member) as struck:
        begin_at(struck, vendor, now)
        expect_no_goals(struck)
        assert_works(struck.sync())
        assert_local_dates(struck, vendor)


def add_around_midnight(struck: Cell, vendor: Vendor, offset: str, zone: str) -> None:
    """Naps and workouts that end and begin some minutes before and after local midnights."""
    sleeps = "sleeps" if vendor is WHOOP else "sleep_summary"
    now = parse_instant(struck.sandbox.now())
    day = timedelta(days=1)
    midnight = local(now - 3 * day, zone).replace(hour=0, minute=0)
    for minutes in (-10, 10):
        at = midnight.astimezone(timezone.utc) + timedelta(minutes=minutes)
        for stream, start in ((sleeps, at - timedelta(hours=2)), ("workouts", at)):
            times = lasting(vendor, start, start + timedelta(hours=2), offset, zone)
            kind = {"nap": True} if stream == "sleeps" else {}
            struck.sandbox.add(struck.oracle.member, stream, {**times, **kind})


def lasting(
    vendor: Vendor, start: datetime, end: datetime, offset: str, zone: str
) -> dict[str, Any]:
    """When and where something was."""
    if vendor is WHOOP:
        form = "%Y-%m-%dT%H:%M:%S.000Z"
        return {
            "start": start.strftime(form),
            "end": end.strftime(form),
            "timezone_offset": offset,
        }
    return {
        "startdate": int(start.timestamp()),
        "enddate": int(end.timestamp()),
        "date": end.astimezone(ZoneInfo(zone)).date().isoformat(),
        "timezone": zone,
    }


@pytest.mark.parametrize(
    ("vendor", "zones"),
    [
        cell(GROUP, f"{vendor.words}: {words}", vendor, zones)
        for vendor in BOTH
        for words, zones in ZONES.items()
    ],
)
def test_records_around_midnight_are_on_their_own_day(
    world: World, vendor: Vendor, zones: list[tuple[str, str]]
) -> None:
    with survived(world, vendor) as struck:
        for offset, zone in zones:
            add_around_midnight(struck, vendor, offset, zone)
        assert_works(struck.sync())
        assert_local_dates(struck, vendor)
