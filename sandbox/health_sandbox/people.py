"""The ten people of the sandbox, and their accounts with the vendors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True)
class Person:
    """Somebody who wears one vendor's device, or both."""

    name: str
    """What the consent page and the control endpoint call them."""
    last_name: str
    zone: ZoneInfo

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
        Person("ana", "Albers", ZoneInfo("Europe/Berlin")),
        Person("ben", "Brooks", ZoneInfo("America/New_York")),
        Person("chandra", "Chatterjee", ZoneInfo("Asia/Kolkata")),
        Person("dee", "Doyle", ZoneInfo("Australia/Lord_Howe")),
        Person("eli", "Evans", ZoneInfo("Europe/London")),
        Person("fay", "Fuller", ZoneInfo("Europe/London")),
        Person("gus", "Greco", ZoneInfo("Europe/Rome")),
        Person("hal", "Hughes", ZoneInfo("America/Chicago")),
        Person("ida", "Iversen", ZoneInfo("Atlantic/Reykjavik")),
        Person("jon", "Jansen", ZoneInfo("Europe/Amsterdam")),
    )
}
"""All people by name."""
