"""The members of the simulated Withings: the people of the sandbox, and what they own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from health_sandbox.people import PEOPLE, Account

from .devices import (
    BODY,
    BODY_CARDIO,
    BODY_COMP,
    BODY_PLUS,
    BODY_SCAN,
    BPM_CONNECT,
    BPM_CORE,
    SCANWATCH,
    SCANWATCH_2,
    SCANWATCH_LIGHT,
    SLEEP_MAT,
    THERMO,
    Device,
    Model,
)
from .relays import HEALTH_CONNECT, IPHONE, Relay

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Habits:
    """What a member's data are made of; shares are probabilities per day or per record."""

    weighs_share: float = 0.6
    """Mornings on which they step on their scale, if they own one."""
    late_share: float = 0.04
    """Weigh-ins and days that reach Withings hours to days late."""
    guest_share: float = 0.0
    """Weigh-ins that may be somebody else's (attrib 1)."""
    entered_share: float = 0.02
    """Days on which they type in a measure by hand (attrib 2)."""
    relayed_share: float = 0.0
    """Weigh-ins that HealthKit relays, in place of the scale."""
    correction_share: float = 0.06
    """Measure groups, workouts and ECGs changed later; a third as many are deleted."""
    two_devices_share: float = 0.0
    """Nights that the watch records as well as the sleep monitor."""
    phone: Relay | None = None
    """What counts steps if no tracker does."""
    goals: Mapping[str, object] | None = None


@dataclass(frozen=True)
class Member(Account):
    """One simulated member of Withings."""

    devices: tuple[Device, ...]
    habits: Habits = field(default_factory=Habits)

    def device(self, day: date, *models: Model) -> Device | None:
        """Return their device of one of the models, if it was linked before a date."""
        return next((row for row in self.devices if row.model in models and row.linked < day), None)


def _member(
    name: str, user_id: int, joined: str, *devices: Device, habits: Habits | None = None
) -> Member:
    owner = PEOPLE[name], user_id, date.fromisoformat(joined)
    return Member(*owner, devices, habits or Habits())


def _goals(
    steps: int, hours: float | None = None, weight: float | None = None
) -> dict[str, object]:
    goals: dict[str, object] = {"steps": steps}
    if hours is not None:
        goals["sleep"] = int(hours * 3600)
    if weight is not None:
        goals["weight"] = {"value": round(weight * 1000), "unit": -3}
    return goals


_HABITS = {
    "ana": Habits(weighs_share=0.75, goals=_goals(9000, 8, 62.5)),
    "ben": Habits(phone=IPHONE, goals=_goals(10_000, weight=85.0)),
    "chandra": Habits(entered_share=0.15, two_devices_share=0.2),
    "dee": Habits(weighs_share=0.5, goals=_goals(8000)),
    "eli": Habits(relayed_share=0.35, phone=HEALTH_CONNECT, goals=_goals(12_000, 7.5, 78.0)),
    "fay": Habits(goals=_goals(11_000, 8)),
    "hal": Habits(weighs_share=0.4, goals=_goals(6000, 7, 84.0)),
    "ida": Habits(weighs_share=0.5, late_share=0.3, guest_share=0.25, goals=_goals(7000)),
    "jon": Habits(
        weighs_share=0.85,
        correction_share=0.15,
        goals=_goals(15_000, 8.5, 76.0),
    ),
}
"""``gus`` has no device and no data; ``chandra`` has no goals."""


def _device(model: Model, linked: str, *, tells_first_session: bool = True) -> Device:
    return Device(model, date.fromisoformat(linked), tells_first_session)


MEMBERS = {
    member.name: member
    for member in (
        _member(
            "ana",
            24_817_305,
            "2017-01-09",
            _device(BODY_PLUS, "2017-01-09"),
            _device(SCANWATCH_2, "2023-10-14"),
            habits=_HABITS["ana"],
        ),
        _member(
            "ben",
            11_540_922,
            "2015-12-27",
            _device(BODY_CARDIO, "2016-09-03"),
            _device(BPM_CONNECT, "2020-02-18"),
            habits=_HABITS["ben"],
        ),
        _member(
            "chandra",
            30_266_148,
            "2020-08-30",
            _device(SLEEP_MAT, "2020-08-30", tells_first_session=False),
            _device(SCANWATCH_LIGHT, "2023-11-12"),
            habits=_HABITS["chandra"],
        ),
        _member(
            "dee", 35_702_691, "2022-04-11", _device(BODY_COMP, "2023-03-05"), habits=_HABITS["dee"]
        ),
        _member(
            "eli", 46_093_574, "2025-10-29", _device(BODY, "2025-10-29"), habits=_HABITS["eli"]
        ),
        _member(
            "fay",
            28_931_460,
            "2019-11-23",
            _device(THERMO, "2019-11-23"),
            _device(SCANWATCH, "2021-01-06"),
            habits=_HABITS["fay"],
        ),
        _member("gus", 48_250_017, "2026-05-01"),
        _member(
            "hal",
            2_147_483_659,
            "2021-07-20",
            _device(BODY_SCAN, "2024-01-20"),
            habits=_HABITS["hal"],
        ),
        _member(
            "ida",
            19_674_283,
            "2018-03-02",
            _device(BODY_PLUS, "2018-03-02", tells_first_session=False),
            habits=_HABITS["ida"],
        ),
        _member(
            "jon",
            22_085_736,
            "2018-06-11",
            _device(BODY_SCAN, "2023-12-01"),
            _device(BPM_CORE, "2019-10-05"),
            _device(SCANWATCH_2, "2023-10-02"),
            _device(SLEEP_MAT, "2019-02-17"),
            habits=_HABITS["jon"],
        ),
    )
}
"""All members by name. ``gus`` has no device, ``hal`` a user id above 2^31."""
