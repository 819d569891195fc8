"""Ids as WHOOP gives them out: rising numbers for cycles, uuids for sleeps and workouts."""

from __future__ import annotations

import math
from uuid import NAMESPACE_URL, UUID, uuid5

from health_sandbox.instants import DAY, parse_instant

from .members import MEMBERS

_KNOWN_AT = parse_instant("2026-01-20T12:00:00.000Z")
_KNOWN_ID = 1_264_154_381
_IDS_PER_DAY = 2_068_706
_SLOTS = 64

_SLOT_OF_MEMBER = {name: slot for slot, name in enumerate(MEMBERS)}


def cycle_id(member: str, seen_at: int) -> int:
    """Return the id of a cycle that WHOOP first shows at an instant.

    The counter is shared by all members and passes the two values published by members
    (1,264,154,381 on 2026-01-20 and 1,528,948,829 on 2026-05-28), hence 2**31 in March 2027.
    Before that span it grows with the number of members, so that it was never negative.
    """
    days = (seen_at - _KNOWN_AT) / DAY
    if days >= 0:
        counter = _KNOWN_ID + days * _IDS_PER_DAY
    else:
        counter = _KNOWN_ID * math.exp(days * _IDS_PER_DAY / _KNOWN_ID)
    shared = int(counter) // _SLOTS * _SLOTS + _SLOT_OF_MEMBER[member]
    return shared + MEMBERS[member].cycle_ids_from


def activity_id(seed: int, member: str, what: str) -> UUID:
    """Return the uuid of a sleep or workout, always the same for the same name."""
    return uuid5(NAMESPACE_URL, f"health-sandbox/whoop/{seed}/{member}/{what}")
