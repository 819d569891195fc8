"""Sources of data that are no device of Withings: phones and other vendors' apps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Relay:
    """A source as Withings names it (API reference, device models)."""

    model_id: int
    name: str
    brand: int
    """1: counted by Withings' own app; 18: relayed from elsewhere."""


IPHONE = Relay(1051, "iOS step tracker", 1)
HEALTH_CONNECT = Relay(1060, "Google Health Connect", 18)
HEALTHKIT = Relay(1059, "HealthKit other step tracker", 18)
APPLE_WATCH = Relay(1058, "HealthKit step Apple Watch tracker", 18)
