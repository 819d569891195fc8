"""Measure groups as ``getmeas`` shows them (API reference, measuregrp_object, measure_object)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from health_sandbox.instants import DAY, HOUR, MINUTE, SECOND
from health_sandbox.timeline import Body, Record, Version

from .life import Life, epoch

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from .devices import Device
    from .relays import Relay

BY_DEVICE, AMBIGUOUS, ENTERED, CHOSEN, AT_CREATION, BEST_OF = 0, 1, 2, 3, 4, 5
CONFIRMED, BY_DEVICE_TOO, POSITIONAL, GUIDED = 7, 8, 10, 15
"""How a measure was attributed to the user (``attrib``); 3 and 10 are not documented."""

REAL, OBJECTIVE = 1, 2
"""The ``category`` of a group."""

_LATE_BY_HOURS_SHARE, _LATEST = 0.6, 4 * DAY
_DOCUMENTED_SPELLING_SHARE = 0.1
_EARLIER_STAMP_SHARE = 0.38
_DECIDED_SHARE = 0.45
"""Of ambiguous groups, how many the user confirms; a third as many are deleted."""
_DEPRECATED_SHARE = 0.9


def measure(kind: int, real: float, unit: int, **extra: int) -> Body:
    """Return a measure whose value is ``real``, to the digits that the exponent allows."""
    return {"value": round(real * 10.0**-unit), "type": kind, "unit": unit, **extra}


def delay(chance: random.Random, late_share: float) -> int:
    """Return how long a device takes to sync: a median of 103 seconds, at times days."""
    if chance.random() >= late_share:
        return round(chance.lognormvariate(4.63, 0.35)) * SECOND
    if chance.random() < _LATE_BY_HOURS_SHARE:
        return chance.randrange(20 * MINUTE, 11 * HOUR, SECOND)
    return chance.randrange(11 * HOUR, _LATEST, SECOND)


@dataclass(frozen=True)
class Source:
    """Who took a measure."""

    device: Device | None = None
    relay: Relay | None = None
    attrib: int = BY_DEVICE

    def fields(self, life: Life, chance: random.Random) -> Body:
        """Return what a group tells of it; ``modelid`` is live, ``model_id`` documented."""
        device_id = self.device.device_id(life.member) if self.device else None
        made_by = self.device.model if self.device else self.relay
        spelling = "model_id" if chance.random() < _DOCUMENTED_SPELLING_SHARE else "modelid"
        return {
            "deviceid": device_id,
            "hash_deviceid": device_id,
            "model": made_by.name if made_by else None,
            spelling: made_by.model_id if made_by else None,
        }


@dataclass(frozen=True)
class Taking:
    """A moment at which measures were taken, and when they reached Withings."""

    life: Life
    name: str
    """Names chance and ids: unique within the member."""
    chance: random.Random
    taken: int
    stored: int

    def group(
        self, part: str, measures: Sequence[Body], source: Source, category: int = REAL
    ) -> Record:
        """Return the record of one group of the moment."""
        group_id = self.life.new_id(f"group/{self.name}/{part}")
        stored = epoch(self.stored)
        early = self.chance.random() < _EARLIER_STAMP_SHARE
        deprecated = {"algo": 0, "fm": 3} if self.chance.random() < _DEPRECATED_SHARE else {}
        body = {
            "grpid": group_id,
            "attrib": source.attrib,
            "date": epoch(self.taken),
            "created": stored,
            "modified": stored - 1 if early else stored,
            "category": category,
            **source.fields(self.life, self.chance),
            "measures": [{**row, **deprecated} for row in measures],
            "comment": None,
        }
        return Record(str(group_id), [Version(self.stored, body), *self._fate(body)])

    def _fate(self, body: Body) -> list[Version]:
        """Return what happens to a group later: confirmed, corrected or deleted, or nothing."""
        ambiguous, fate = body["attrib"] == AMBIGUOUS, self.chance.random()
        share = _DECIDED_SHARE if ambiguous else self.life.habits.correction_share
        changed = self.stored + self.chance.randrange(10 * MINUTE, 30 * HOUR, SECOND)
        if fate >= share * 4 / 3:
            return []
        if fate >= share:
            return [Version(changed, None)]
        change: Body = {"modified": epoch(changed)}
        if ambiguous:
            change["attrib"] = CONFIRMED
        else:
            first, *rest = body["measures"]
            change["measures"] = [{**first, "value": first["value"] + 1}, *rest]
        return [Version(changed, {**body, **change})]
