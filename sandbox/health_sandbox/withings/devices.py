"""The devices that members own, as ``getdevice`` lists them (API reference, user_device_object)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from health_sandbox.instants import DAY, HOUR, SECOND, from_datetime

if TYPE_CHECKING:
    from health_sandbox.people import Account

_HIGH, _MEDIUM = 0.75, 0.3
_SET_UP_AT = time(18, 5)


@dataclass(frozen=True)
class Model:
    """A product: what Withings calls it, how long a charge lasts, how often it syncs."""

    model_id: int
    name: str
    type: str
    battery_days: int | None
    """``None``: it is plugged in."""
    sync_hours: int
    brand: int = 1
    """1 is Withings."""


SCALE = "Scale"
TRACKER = "Activity Tracker"

BODY = Model(7, "Body", SCALE, 540, 24)
BODY_PLUS = Model(5, "Body+", SCALE, 540, 24)
BODY_CARDIO = Model(6, "Body Cardio", SCALE, 365, 24)
BODY_COMP = Model(18, "Body Comp", SCALE, 450, 24)
BODY_SCAN = Model(10, "Body Scan", SCALE, 365, 24)
BPM_CONNECT = Model(45, "BPM Connect", "Blood Pressure Monitor", 180, 24)
BPM_CORE = Model(44, "BPM Core", "Blood Pressure Monitor", 180, 24)
SCANWATCH = Model(93, "ScanWatch", TRACKER, 30, 1)
SCANWATCH_LIGHT = Model(95, "ScanWatch Light", TRACKER, 30, 1)
SCANWATCH_2 = Model(94, "ScanWatch 2", TRACKER, 30, 1)
SLEEP_MAT = Model(63, "Aura Sensor V2", "Sleep Monitor", None, 24)
THERMO = Model(70, "Thermo", "Smart Connected Thermometer", 730, 24)


@dataclass(frozen=True)
class Device:
    """A device that a member has linked."""

    model: Model
    linked: date
    tells_first_session: bool = True
    """Clients saw ``first_session_date`` null where the document has a number."""

    def linked_at(self, member: Account) -> int:
        """Return the instant at which the device was set up."""
        return from_datetime(datetime.combine(self.linked, _SET_UP_AT, member.zone))

    def device_id(self, member: Account) -> str:
        """Return what Withings calls this one device."""
        return hashlib.sha256(f"{member.name}/{self.model.name}".encode()).hexdigest()[:40]

    def to_json(self, member: Account, now: int) -> dict[str, Any]:
        """Describe the device as of an instant.

        The fields for "advanced partners only" (MAC address, firmware, network) are left out.
        """
        linked_at = self.linked_at(member)
        age = now - linked_at
        device_id = self.device_id(member)
        return {
            "type": self.model.type,
            "battery": self._battery(age),
            "model": self.model.name,
            "model_id": self.model.model_id,
            "timezone": member.zone.key,
            "first_session_date": linked_at // SECOND if self.tells_first_session else None,
            "last_session_date": (now - age % (self.model.sync_hours * HOUR)) // SECOND,
            "deviceid": device_id,
            "hash_deviceid": device_id,
        }

    def _battery(self, age: int) -> str:
        if self.model.battery_days is None:
            return "high"
        charge = 1 - age % (self.model.battery_days * DAY) / (self.model.battery_days * DAY)
        return "high" if charge > _HIGH else "medium" if charge > _MEDIUM else "low"
