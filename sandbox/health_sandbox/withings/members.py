"""The members of the simulated Withings: the people of the sandbox, and what they own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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


@dataclass(frozen=True)
class Member(Account):
    """One simulated member of Withings."""

    devices: tuple[Device, ...]


def _member(name: str, user_id: int, joined: str, *devices: Device) -> Member:
    return Member(PEOPLE[name], user_id, date.fromisoformat(joined), devices)


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
        ),
        _member(
            "ben",
            11_540_922,
            "2015-12-27",
            _device(BODY_CARDIO, "2016-09-03"),
            _device(BPM_CONNECT, "2020-02-18"),
        ),
        _member(
            "chandra",
            30_266_148,
            "2020-08-30",
            _device(SLEEP_MAT, "2020-08-30", tells_first_session=False),
            _device(SCANWATCH_LIGHT, "2023-11-12"),
        ),
        _member("dee", 35_702_691, "2022-04-11", _device(BODY_COMP, "2023-03-05")),
        _member("eli", 46_093_574, "2025-10-29", _device(BODY, "2025-10-29")),
        _member(
            "fay",
            28_931_460,
            "2019-11-23",
            _device(THERMO, "2019-11-23"),
            _device(SCANWATCH, "2021-01-06"),
        ),
        _member("gus", 48_250_017, "2026-05-01"),
        _member("hal", 2_147_483_659, "2021-07-20", _device(BODY_SCAN, "2024-01-20")),
        _member(
            "ida",
            19_674_283,
            "2018-03-02",
            _device(BODY_PLUS, "2018-03-02", tells_first_session=False),
        ),
        _member(
            "jon",
            22_085_736,
            "2018-06-11",
            _device(BODY_SCAN, "2023-12-01"),
            _device(BPM_CORE, "2019-10-05"),
            _device(SCANWATCH_2, "2023-10-02"),
            _device(SLEEP_MAT, "2019-02-17"),
        ),
    )
}
"""All members by name. ``gus`` has no device, ``hal`` a user id above 2^31."""
