"""The ten people of the sandbox, and their accounts with the vendors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True)
class Person:
    """Somebody who wears one vendor's device, or both.

    Heart rates in beats per minute, height in m, weight in kg.
    """

    name: str
    """What the consent page and the control endpoint call them."""
    last_name: str
    zone: ZoneInfo
    height: float
    weight: float
    resting_heart_rate: float
    max_heart_rate: int
    trips: tuple[str, ...] = ()
    """Zones they travel to, each at most 9.5 hours east of home."""
    trip_share: float = 0.0
    """Of 50-day blocks, how many hold a trip."""
    gap_share: float = 0.1
    """Of 50-day blocks, how many hold some days on which they wear nothing."""
    sleepless_share: float = 0.015
    """Nights in which they do not sleep."""
    nap_share: float = 0.1
    """Days on which they nap."""
    bouts_per_day: float = 0.6
    """Exercises on an average day, at most 2."""

    @property
    def first_name(self) -> str:
        """The name as it is written."""
        return self.name.title()


@dataclass(frozen=True)
class Account:
    """A person's account with one vendor."""

    person: Person
    user_id: int
    joined: date

    @property
    def name(self) -> str:
        """What the consent page and the control endpoint call them."""
        return self.person.name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of their home."""
        return self.person.zone


PEOPLE = {
    person.name: person
    for person in (
        Person(
            "ana",
            "Albers",
            ZoneInfo("Europe/Berlin"),
            height=1.71,
            weight=64.2,
            resting_heart_rate=51.0,
            max_heart_rate=188,
            trips=("Europe/Lisbon", "America/New_York", "Asia/Tokyo"),
            trip_share=0.3,
        ),
        Person(
            "ben",
            "Brooks",
            ZoneInfo("America/New_York"),
            height=1.8288,
            weight=90.7185,
            resting_heart_rate=60.0,
            max_heart_rate=192,
            trips=("America/Los_Angeles", "Europe/London"),
            trip_share=0.4,
        ),
        Person(
            "chandra",
            "Chatterjee",
            ZoneInfo("Asia/Kolkata"),
            height=1.63,
            weight=58.9,
            resting_heart_rate=57.0,
            max_heart_rate=185,
            nap_share=0.45,
        ),
        Person(
            "dee",
            "Doyle",
            ZoneInfo("Australia/Lord_Howe"),
            height=1.77,
            weight=70.3,
            resting_heart_rate=49.0,
            max_heart_rate=181,
            trips=("Pacific/Auckland",),
            trip_share=0.3,
        ),
        Person(
            "eli",
            "Evans",
            ZoneInfo("Europe/London"),
            height=1.84,
            weight=79.5,
            resting_heart_rate=54.0,
            max_heart_rate=195,
        ),
        Person(
            "fay",
            "Fuller",
            ZoneInfo("Europe/London"),
            height=1.68,
            weight=60.1,
            resting_heart_rate=47.0,
            max_heart_rate=190,
            trips=("America/New_York", "America/Los_Angeles", "Asia/Dubai", "Asia/Tokyo"),
            trip_share=0.9,
        ),
        Person(
            "gus",
            "Greco",
            ZoneInfo("Europe/Rome"),
            height=1.79,
            weight=81.0,
            resting_heart_rate=55.0,
            max_heart_rate=190,
        ),
        Person(
            "hal",
            "Hughes",
            ZoneInfo("America/Chicago"),
            height=1.75,
            weight=88.4,
            resting_heart_rate=63.0,
            max_heart_rate=178,
        ),
        Person(
            "ida",
            "Iversen",
            ZoneInfo("Atlantic/Reykjavik"),
            height=1.66,
            weight=66.7,
            resting_heart_rate=59.0,
            max_heart_rate=187,
            gap_share=0.9,
            sleepless_share=0.06,
        ),
        Person(
            "jon",
            "Jansen",
            ZoneInfo("Europe/Amsterdam"),
            height=1.88,
            weight=77.6,
            resting_heart_rate=43.0,
            max_heart_rate=194,
            bouts_per_day=1.5,
        ),
    )
}
"""All people by name."""
