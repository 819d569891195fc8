"""How values are shown: tables for people, ISO 8601 for programs."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence


def as_table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Collection[str] = ()
) -> str:
    """Aligned columns; those of `numbers` to the right."""
    lines = [headings, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if heading in numbers else cell.ljust(width)
            for cell, width, heading in zip(line, widths, headings, strict=True)
        ).rstrip()
        for line in lines
    )


def count(value: int | None) -> str:
    """A number, or `-` if it is not known."""
    return "-" if value is None else str(value)


def minute(instant: datetime | None) -> str:
    """An instant (UTC) to the minute, or `-`."""
    return "-" if instant is None else f"{instant:%Y-%m-%d %H:%M}Z"


def iso(instant: datetime | None) -> str | None:
    """An instant (UTC) as programs read it."""
    return None if instant is None else instant.isoformat().replace("+00:00", "Z")


def age(lag: timedelta | None) -> str:
    """A time that has passed, in its largest unit that leaves two or more."""
    if lag is None:
        return "-"
    minutes = max(round(lag.total_seconds() / 60), 0)
    for unit, size in (("d", 24 * 60), ("h", 60)):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}"
    return f"{minutes} min"


def ranges(days: Iterable[date]) -> str:
    """Days as stretches: `2026-05-03 to 2026-05-05, 2026-05-09`."""
    ordered = enumerate(sorted(set(days)))
    stretches = [
        [day for _, day in stretch]
        for _, stretch in groupby(ordered, key=lambda nth: nth[1].toordinal() - nth[0])
    ]
    return ", ".join(
        f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}" for days in stretches
    )


def as_utc(instant: datetime | None) -> datetime | None:
    """The same instant in UTC; one without a zone is UTC already, as the loader stores them."""
    if instant is None:
        return None
    if instant.tzinfo is None:
        return instant.replace(tzinfo=timezone.utc)
    return instant.astimezone(timezone.utc)
