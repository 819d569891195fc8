"""From a vendor's JSON object to a full, flat record that fits the stream's schema.

The loader overwrites with NULL what a record leaves out, so every record has every column. It ends
at the first value that does not fit its column, for all streams, so nothing of that kind leaves
here: it becomes null, its column is named, and the value stays in ``raw``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from health_tap_core.errors import MalformedAnswerError
from health_tap_core.timestamps import to_utc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

#: Numbers keep the digits that the vendor wrote.
_decoder: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(
    dict[str, Any], float_hook=Decimal
)
#: Identifiers are stored in 64 bits.
_LARGEST = 2**63 - 1


def _integer(value: Any) -> int:
    if type(value) is not int or abs(value) > _LARGEST:
        raise ValueError
    return value


def _number(value: Any) -> int | Decimal:
    if type(value) is not int and type(value) is not Decimal:
        raise ValueError
    return value


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError
    return value.replace("\0", "")  # PostgreSQL cannot hold it


def _instant(value: Any) -> str:
    return to_utc(_text(value))


def _uuid(value: Any) -> str:
    return str(UUID(_text(value)))


_BY_FORMAT: dict[str, Callable[[Any], Any]] = {"date-time": _instant, "uuid": _uuid}
_BY_TYPE: dict[str, Callable[[Any], Any]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "string": _text,
}


class RecordBuilder:
    """Builds the records of one stream, and remembers what does not fit its schema."""

    def __init__(self, schema: dict[str, Any], keys: Sequence[str]) -> None:
        """Prepare for a schema.

        Args:
            schema: The stream's record schema: flat columns.
            keys: Names of the columns that identify a record.
        """
        self._keys = keys
        self._readers = {
            name: _BY_FORMAT.get(column.get("format", ""), _BY_TYPE[column["type"][0]])
            for name, column in schema["properties"].items()
        }
        self._blank = dict.fromkeys(self._readers)
        #: Names of vendor fields without a column; their values are in ``raw``.
        self.unknown: set[str] = set()
        #: Columns for which the vendor sent a value of another type; they are in ``raw``.
        self.misfits: set[str] = set()

    def build(self, raw: msgspec.Raw, *, user_id: object, **own: object) -> dict[str, Any]:
        """Flatten one vendor record.

        Args:
            raw: The record as the vendor sent it.
            user_id: The vendor's user, for records that do not name theirs.
            own: Values of the columns that are ours; a vendor's field of that name gives way.

        Raises:
            MalformedAnswerError: It is no JSON object, or its key is missing or of another type.
        """
        record: dict[str, Any] = {**self._blank, "user_id": user_id}
        try:
            fields = _decoder.decode(raw)
        except msgspec.MsgspecError:
            raise MalformedAnswerError("A record is no JSON object.") from None
        for name, value in _flatten(fields):
            if name in self._readers:
                record[name] = self._read(name, value)
            elif value is not None or not self._is_object(name):
                self.unknown.add(name)
        for name in self._keys:
            if record[name] is None:
                raise MalformedAnswerError(f"A record has no {name}, or one of another type.")
        record.update(own, raw=str(bytes(raw), "utf-8"))
        return record

    def _read(self, name: str, value: Any) -> Any:
        if value is None:
            return None
        try:
            return self._readers[name](value)
        except (ValueError, OverflowError):
            self.misfits.add(name)
            return None

    def _is_object(self, name: str) -> bool:
        """`"score": null` stands for all columns score_*, so its own name is known as well."""
        return any(column.startswith(f"{name}_") for column in self._readers)


def _flatten(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, field in value.items():
        if isinstance(field, dict):
            yield from _flatten(field, f"{prefix}{name}_")
        else:
            yield prefix + name, field
