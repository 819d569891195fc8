"""How values are said: dates, durations and numbers, as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

HOUR = 3600


def day(local_date: date) -> str:
    """A local date with its weekday: `Sat 21 Nov 2026`."""
    return f"{local_date:%a} {local_date.day} {local_date:%b %Y}"


def duration(seconds: float | None) -> str:
    """Hours and minutes: `7 h 04 min`."""
    if seconds is None:
        return "-"
    minutes = round(abs(seconds) / 60)
    sign = "-" if seconds < 0 and minutes else ""
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours} h {minutes:02} min" if hours else f"{sign}{minutes} min"


def number(value: float | None, places: int = 0) -> str:
    """A number with thousands apart, `-` for one that is not known."""
    return "-" if value is None else f"{value:,.{places}f}".replace(",", " ")


def change(value: float, places: int = 0) -> str:
    """A number with its sign: `+1.2`, `-3`, `±0`."""
    rounded = round(value, places)
    if not rounded:
        return "±0"
    return ("+" if rounded > 0 else "") + number(rounded, places)


def phrase(code: str) -> str:
    """A code of the models in words: `not_yet_asked` is `not yet asked`."""
    return code.replace("_", " ")


def counted(amount: int, thing: str) -> str:
    """`1 night`, `12 nights`."""
    return f"{number(amount)} {thing}" + ("" if amount == 1 else "s")
