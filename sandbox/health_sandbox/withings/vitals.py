"""Measures that do not come from a scale: blood pressure, temperature, oxygen, what is typed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_sandbox.timeline import Record, Version

from . import groups
from .devices import BPM_CONNECT, BPM_CORE, SCANWATCH, SCANWATCH_2, THERMO
from .groups import Source, Taking, measure
from .heart import ecg_on
from .life import Life, epoch
from .scales import body_on

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from datetime import date

    from health_sandbox.timeline import Body

_TARGET_EVERY_DAYS = 120
_PRESSURE_SHARE, _AT_THE_DOCTOR_SHARE, _THREE_IN_A_ROW_SHARE = 0.45, 0.1, 0.15
_TEMPERATURE_SHARE, _FEVER_SHARE = 0.3, 0.05
_OXYGEN_SHARE, _RHYTHM_SHARE = 0.4, 0.1
_ENTERED_PRESSURE_SHARE, _UNNAMED_SHARE = 0.3, 0.2
_STAMPED_FROM, _STAMPED_WHOLLY_FROM = 2018, 2021
"""From these years on groups tell ``created``, and ``modified`` too (seen in old recordings)."""


def blood_pressure(life: Life, day: date) -> Iterator[Record]:
    """Return a reading of the day; some are the best of three, some typed in."""
    device, chance = life.member.device(day, BPM_CONNECT, BPM_CORE), life.draw("pressure", day)
    if device is None or chance.random() >= _PRESSURE_SHARE:
        return
    fate = chance.random()
    if fate < _AT_THE_DOCTOR_SHARE:
        unit, source = -2, Source(attrib=groups.ENTERED)
    else:
        best = fate < _AT_THE_DOCTOR_SHARE + _THREE_IN_A_ROW_SHARE
        unit, source = 0, Source(device, attrib=groups.BEST_OF if best else groups.BY_DEVICE)
    found = [measure(*row, unit) for row in _pressures(life, chance)]
    yield _taking(life, day, "pressure", chance, 8.2).group("", found, source)


def temperature(life: Life, day: date) -> Iterator[Record]:
    """Return what the thermometer found: of the body, and of the skin or the room."""
    device, chance = life.member.device(day, THERMO), life.draw("temperature", day)
    if device is None or chance.random() >= _TEMPERATURE_SHARE:
        return
    fever = 1.6 if chance.random() < _FEVER_SHARE else 0.0
    body = chance.gauss(36.7, 0.2) + fever
    found = [measure(71, body, -3), measure(73, body - 2.9, -2), measure(12, body, -2)]
    yield _taking(life, day, "temperature", chance, 21.0).group("", found, Source(device))


def watch(life: Life, day: date) -> Iterator[Record]:
    """Return what a watch sends as measures: oxygen, fitness, rhythm."""
    device, chance = life.member.device(day, SCANWATCH, SCANWATCH_2), life.draw("watch", day)
    if device is None or life.wears_nothing(day):
        return
    taking = _taking(life, day, "watch", chance, 9.5)
    if chance.random() < _OXYGEN_SHARE:
        yield taking.group("oxygen", [measure(54, chance.gauss(96.5, 1), 0)], Source(device))
    if day.weekday() == 0:
        fitness = [measure(123, chance.gauss(46, 1.5), -1)]
        yield taking.group("fitness", fitness, Source(device))
    if device.model == SCANWATCH_2 and chance.random() < _RHYTHM_SHARE:
        rhythm = [measure(139, chance.choice((0, 0, 0, 2)), 0)]
        yield taking.group("rhythm", rhythm, Source(device))
    ecg = ecg_on(life, day)
    if ecg is not None and ecg.device == device:
        lasting = zip((135, 136, 137, 138), (0.092, 0.158, 0.389, 0.412), strict=True)
        found = [measure(130, ecg.afib, 0)]
        found += [measure(kind, chance.gauss(mean, 0.006), -3) for kind, mean in lasting]
        shown = Taking(life, f"ecg/{day}", chance, ecg.taken, ecg.stored)
        yield shown.group("", found, Source(device, attrib=groups.BY_DEVICE_TOO))


def entered(life: Life, day: date) -> Iterator[Record]:
    """Return what the member typed in on a date, and a new target weight from time to time."""
    chance = life.draw("entered", day)
    taking = _taking(life, day, "entered", chance, 19.0)
    weight = body_on(life, day, chance).weight
    if chance.random() < life.habits.entered_share:
        found = [measure(1, weight, -3)]
        yield taking.group("weight", found, Source(attrib=groups.ENTERED))
        if chance.random() < _ENTERED_PRESSURE_SHARE:
            pressures = [measure(*row, 0) for row in _pressures(life, chance)]
            yield taking.group("pressure", pressures, Source(attrib=groups.ENTERED))
        if chance.random() < _UNNAMED_SHARE:
            yield taking.group("unnamed", [measure(18, -1, -3)], Source(attrib=groups.CHOSEN))
    if day.toordinal() % _TARGET_EVERY_DAYS == 0:
        target = [measure(1, weight - 2, -3)]
        source = Source(attrib=groups.ENTERED)
        yield taking.group("target", target, source, category=groups.OBJECTIVE)


def at_creation(life: Life) -> Iterator[Record]:
    """Return what was asked when the account was made, as old as the account itself."""
    member = life.member
    chance, made = life.draw("creation", member.joined), life.at(member.joined, 18)
    height, weight = measure(4, member.person.height, -2), measure(1, member.person.weight, -3)
    weight |= {"value": weight["value"] // 1000 * 1000}
    target = {**weight, "value": weight["value"] - 3000}
    for part, row, attrib, category in (
        ("height", height, groups.AT_CREATION, groups.REAL),
        ("weight", weight, groups.AT_CREATION, groups.REAL),
        ("target", target, groups.ENTERED, groups.OBJECTIVE),
    ):
        group_id = life.new_id(f"group/creation/{part}")
        body: Body = {
            "grpid": group_id,
            "attrib": attrib,
            "date": epoch(made),
            "category": category,
            "measures": [row],
            "comment": None,
        }
        if member.joined.year >= _STAMPED_FROM:
            body |= {"created": epoch(made), **Source().fields(life, chance)}
        if member.joined.year >= _STAMPED_WHOLLY_FROM:
            body["modified"] = epoch(made)
        yield Record(str(group_id), [Version(made, body)])


def _taking(life: Life, day: date, name: str, chance: random.Random, hour: float) -> Taking:
    taken = life.at(day, chance.gauss(hour, 0.6))
    stored = taken + groups.delay(chance, life.habits.late_share)
    return Taking(life, f"{name}/{day}", chance, taken, stored)


def _pressures(life: Life, chance: random.Random) -> list[tuple[int, float]]:
    systole = round(chance.gauss(118, 7))
    pulse = round(life.member.person.resting_heart_rate + chance.gauss(8, 4))
    return [(9, round(0.66 * systole)), (10, systole), (11, pulse)]
