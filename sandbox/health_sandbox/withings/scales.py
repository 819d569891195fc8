"""Weigh-ins: one step on a scale is several measure groups with the same ``date``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sin
from typing import TYPE_CHECKING

from . import groups
from .devices import BODY, BODY_CARDIO, BODY_COMP, BODY_PLUS, BODY_SCAN, Device, Model
from .groups import Source, Taking, measure
from .relays import HEALTHKIT

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from health_sandbox.timeline import Body, Record

    from .life import Life

_DUST = 3
_UNHEARD_SHARE = 0.1
_GUEST_KG = 17.5
_WHOLE_BODY = 7
_SEGMENTS = {2: 0.055, 3: 0.054, 10: 0.165, 11: 0.166, 12: 0.45}
"""The share of the body in each arm, each leg and the torso, by ``position``."""
_FEET = (5, 4)


@dataclass(frozen=True)
class Scale:
    """What a scale measures, and with which exponents."""

    mass_unit: int
    composition: bool = False
    pulse: bool = False
    vascular: bool = False
    body_water: bool = False
    segments: bool = False


SCALES: Mapping[Model, Scale] = {
    BODY: Scale(-2),
    BODY_PLUS: Scale(-2, composition=True),
    BODY_CARDIO: Scale(-3, composition=True, pulse=True, vascular=True),
    BODY_COMP: Scale(-3, composition=True, pulse=True, vascular=True, body_water=True),
    BODY_SCAN: Scale(
        -4, composition=True, pulse=True, vascular=True, body_water=True, segments=True
    ),
}


@dataclass(frozen=True)
class _Body:
    """A body as a scale finds it; masses in kg."""

    weight: float
    fat_share: float

    @property
    def fat(self) -> float:
        return self.weight * self.fat_share

    @property
    def lean(self) -> float:
        return self.weight - self.fat


def body_on(life: Life, day: date, chance: random.Random) -> _Body:
    """Return the member's body on a date."""
    number = day.toordinal()
    season = 1.2 * sin(number / 58) + 0.6 * sin(number / 17)
    weight = life.member.person.weight + season + chance.gauss(0, 0.35)
    return _Body(weight, 0.21 + 0.01 * sin(number / 71) + chance.gauss(0, 0.002))


def weigh_in(life: Life, day: date) -> Iterator[Record]:
    """Return the groups of the morning's weigh-in, if there was one."""
    device, chance = life.member.device(day, *SCALES), life.draw("scale", day)
    if device is None or chance.random() >= life.habits.weighs_share:
        return
    taken = life.at(day, min(max(chance.gauss(7.1, 0.5), 5.0), 10.0))
    stored = taken + groups.delay(chance, life.habits.late_share)
    taking = Taking(life, f"scale/{day}", chance, taken, stored)
    body = body_on(life, day, chance)
    if chance.random() < life.habits.relayed_share:
        yield taking.group("relayed", [_with_dust(body.weight)], Source(relay=HEALTHKIT))
        return
    scale = SCALES[device.model]
    guest = chance.random() < life.habits.guest_share
    body = replace(body, weight=body.weight + _GUEST_KG) if guest else body
    by = Source(device, attrib=groups.AMBIGUOUS if guest else groups.BY_DEVICE)
    yield taking.group("composition", _composition(scale, body, chance), by)
    if scale.pulse:
        pulse = life.member.person.resting_heart_rate + chance.gauss(6, 4)
        yield taking.group("pulse", [measure(11, pulse, 0)], by)
    if scale.vascular:
        yield from _vascular(taking, device)
    if scale.segments:
        yield taking.group("segments", _segments(body), by)
    if scale.body_water:
        yield from _nerves_and_metabolism(taking, device, body, segments=scale.segments)


def _with_dust(weight: float) -> Body:
    """Return a weight as HealthKit relays it: six digits, and what a float left in them."""
    dusty = round(weight, 1) * 10**6 + _DUST
    return {"value": round(dusty), "type": 1, "unit": -6, "apppfmid": 9, "appliver": 6_030_301}


def _composition(scale: Scale, body: _Body, chance: random.Random) -> list[Body]:
    unit = scale.mass_unit
    found = [measure(1, body.weight, unit)]
    if not scale.composition:
        return found
    found += [
        measure(8, body.fat, -2),
        measure(5, body.lean, unit),
        measure(6, 100 * body.fat_share, -3),
        measure(76, 0.95 * body.lean, -2),
        measure(88, 0.05 * body.lean, -2),
        measure(77, 0.72 * body.lean, -2),
    ]
    if scale.body_water:
        position = chance.choice((6, _WHOLE_BODY))
        found += [
            measure(168, 0.29 * body.lean, -2, position=position),
            measure(169, 0.43 * body.lean, -2, position=position),
            measure(170, 100 * body.fat_share / 9, -1),
        ]
    return found


def _vascular(taking: Taking, device: Device) -> Iterator[Record]:
    """Return pulse wave velocity; a Body Cardio tells it once more for one foot."""
    chance = taking.chance
    speed = chance.gauss(6.9, 0.3)
    found = [measure(91, speed, -3), measure(155, 5.2 * speed, -1)]
    yield taking.group("vascular", found, Source(device, attrib=groups.BY_DEVICE_TOO))
    if device.model == BODY_CARDIO:
        foot = measure(91, speed + chance.gauss(0, 0.2), -2, position=chance.choice(_FEET))
        yield taking.group("foot", [foot], Source(device, attrib=groups.POSITIONAL))


def _segments(body: _Body) -> Sequence[Body]:
    """Return the masses of each segment, and the whole body's twice (28 of 28 pairs equal)."""
    whole = [measure(5, body.lean, -2, position=7), measure(8, body.fat, -2, position=7)]
    parts = [
        measure(kind, share * mass, -2, position=position)
        for kind, mass in ((173, body.lean), (174, body.fat), (175, 0.95 * body.lean))
        for position, share in _SEGMENTS.items()
    ]
    return [*parts, *whole, *whole]


def _nerves_and_metabolism(
    taking: Taking, device: Device, body: _Body, *, segments: bool
) -> Iterator[Record]:
    chance = taking.chance
    metabolic = [measure(226, 370 + 21.6 * body.lean, 1 if segments else 2)]
    metabolic.append(measure(227, chance.gauss(38, 2), 0))
    yield taking.group("metabolism", metabolic, Source(device))
    if not segments:
        return
    left, right = chance.gauss(78, 3), chance.gauss(78, 3)
    nerves = [
        measure(167, (left + right) / 2, 0, position=6),
        measure(158, left, 0, position=5),
        measure(159, right, 0, position=4),
        measure(196, chance.gauss(70, 4), -1),
        measure(197, chance.gauss(70, 4), -1),
        measure(198, chance.gauss(70, 4), -1),
        measure(229, chance.gauss(72, 4), 0),
    ]
    guided = chance.choice((groups.GUIDED, groups.GUIDED, 17))
    yield taking.group("nerves", nerves, Source(device, attrib=guided))
    if chance.random() < _UNHEARD_SHARE:
        unheard = [measure(240, 3000 + chance.randrange(5000), 3), measure(241, 0.5, -2)]
        newest = chance.choice((10_009, 10_010))
        yield taking.group("unheard", unheard, Source(device, attrib=newest))
