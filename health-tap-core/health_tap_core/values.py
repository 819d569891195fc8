"""One JSON value of a vendor, as its column wants it.

A value that does not fit raises ``ValueError`` or ``ArithmeticError``: the loader would end at it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from health_tap_core.timestamps import to_utc, utc_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Reader = Callable[[Any], Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
#: Integer columns have 64 bits.
_INTEGERS = range(-(2**63), 2**63)
_LARGEST = 10**300
_encoder = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True)
class Dialect:
    """How a vendor writes records, where that differs from RFC 3339 and plain JSON types.

    Attributes:
        epochs: Instants are whole seconds since the epoch, as numbers or as text.
        loose: A whole number may come as text or with a point, and a text as a whole number.
        aliases: Other names under which the vendor sends a column.
        key_defaults: What stands in a key for a part that the vendor left out or sent as null,
            since a key holds no null.
    """

    epochs: bool = False
    loose: bool = False
    aliases: Mapping[str, str] = field(default_factory=dict)
    key_defaults: Mapping[str, Any] = field(default_factory=dict)


def reader(column: Mapping[str, Any], dialect: Dialect) -> Reader:
    """What reads the values of a column.

    Args:
        column: Its JSON schema, one type besides null. A text column with ``contentMediaType``
            ``application/json`` holds any JSON as text, digits kept.
        dialect: The vendor's.
    """
    kind, form = column["type"][0], column.get("format")
    if column.get("contentMediaType") == "application/json":
        return _json
    if form == "date-time":
        return _epoch if dialect.epochs else _instant
    if form in _BY_FORMAT:
        return _BY_FORMAT[form]
    return (_LOOSE if dialect.loose else _STRICT)[kind]


def _integer(value: Any) -> int:
    if type(value) is not int or value not in _INTEGERS:
        raise ValueError
    return value


def _loose_integer(value: Any) -> int:
    if type(value) is str:
        value = Decimal(value)
    if type(value) is Decimal:
        whole = int(value)
        return _integer(whole if whole == value else value)
    return _integer(value)


def _number(value: Any) -> int | Decimal:
    # A loader works with floats somewhere, and one that gets infinite ends everything.
    if type(value) not in (int, Decimal) or abs(value) >= _LARGEST:
        raise ValueError
    return value  # type: ignore[no-any-return]  # one of the two


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError
    return value.replace("\0", "")  # PostgreSQL cannot hold it


def _loose_text(value: Any) -> str:
    return str(value) if type(value) is int else _text(value)


def _json(value: Any) -> str:
    return _encoder.encode(value).decode()


def _instant(value: Any) -> str:
    return to_utc(_text(value))


def _epoch(value: Any) -> str:
    return utc_text(_EPOCH + timedelta(seconds=_loose_integer(value)))


def _date(value: Any) -> str:
    return date.fromisoformat(_text(value)).isoformat()


def _uuid(value: Any) -> str:
    return str(UUID(_text(value)))


_BY_FORMAT: Mapping[str | None, Reader] = {"date": _date, "uuid": _uuid}
_STRICT: Mapping[str, Reader] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "string": _text,
}
_LOOSE: Mapping[str, Reader] = {**_STRICT, "integer": _loose_integer, "string": _loose_text}
