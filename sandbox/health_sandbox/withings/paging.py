"""Which rows a request asks for, and the pages they come in (API reference; live answers).

``lastupdate`` and dates exclude each other: with both, live answers are empty without an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from health_sandbox.instants import SECOND

from .envelope import INVALID_PARAMS, Fields, Refusal, Status

if TYPE_CHECKING:
    from health_sandbox.timeline import Body, Row

Pick = Callable[["Row"], bool]
"""Tells whether a request asks for a row."""


def whole_number(fields: Fields, name: str, default: int | None = None) -> int:
    """Return a field that is a whole number, not negative.

    Raises:
        Refusal: it is none, or it is missing and has no default.
    """
    text = fields.get(name, "" if default is None else str(default))
    if not (text.isascii() and text.isdecimal()):
        raise Refusal(Status.INVALID_PARAMS, INVALID_PARAMS)
    return int(text)


def by_epochs(fields: Fields) -> Pick:
    """Read ``startdate`` and ``enddate``, both optional, or ``lastupdate``."""
    if "lastupdate" in fields:
        return _nothing if {"startdate", "enddate"} & {*fields} else _updated(fields)
    start = whole_number(fields, "startdate", 0) * SECOND
    end = whole_number(fields, "enddate") * SECOND if "enddate" in fields else None
    return lambda row: row.start >= start and (end is None or row.start <= end)


def by_days(fields: Fields) -> Pick:
    """Read ``startdateymd`` and ``enddateymd``, both inclusive, or ``lastupdate``."""
    if "lastupdate" in fields:
        return _nothing if {"startdateymd", "enddateymd"} & {*fields} else _updated(fields)
    try:
        start, end = (
            date.fromisoformat(fields[name]).isoformat() for name in ("startdateymd", "enddateymd")
        )
    except (KeyError, ValueError) as error:
        raise Refusal(Status.INVALID_PARAMS, INVALID_PARAMS) from error
    return lambda row: start <= row.body["date"] <= end


def _nothing(_: Row) -> bool:
    return False


def _updated(fields: Fields) -> Pick:
    since = whole_number(fields, "lastupdate")
    return lambda row: _changed(row.body) >= since


def _changed(body: Body) -> int:
    """Return when a record changed last; old measure groups tell only when they were taken."""
    told = (body.get(name) for name in ("modified", "created", "date"))
    return next(value for value in told if isinstance(value, int))


def cut_page(rows: Iterable[Row], fields: Fields, size: int) -> tuple[Sequence[Row], int | None]:
    """Return one page of rows, and the offset of the next if there is one."""
    offset, found = whole_number(fields, "offset", 0), [*rows]
    following = offset + size
    return found[offset:following], following if following < len(found) else None


def listed(name: str, rows: Sequence[Mapping[str, object]], following: int | None) -> Body:
    """Return the body of a list with ``more`` as a boolean."""
    return {name: rows, "more": following is not None, "offset": following or 0}
