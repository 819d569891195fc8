"""From a vendor's JSON object to a full, flat record that fits the stream's schema.

The loader overwrites with NULL what a record leaves out, so every record has every column. It ends
at the first value that does not fit its column, for all streams, so nothing of that kind leaves
here: it becomes null, its column is named, and the value stays in ``raw``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from health_tap_core.errors import MalformedAnswerError
from health_tap_core.values import Dialect, reader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Numbers keep the digits that the vendor wrote.
_decoder: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(
    dict[str, Any], float_hook=Decimal
)
_LONG_NUMBER = re.compile(r"\d{5,}")
_EMPTY: tuple[Any, ...] = (None, [], "")


@dataclass(frozen=True)
class VendorRecord:
    """A record as the vendor sent it.

    Attributes:
        json: Its JSON object, verbatim.
        context: Columns that the object itself does not hold: from the answer around it, from the
            record it belongs to, or computed. They go before the object's own fields, but for null.
    """

    json: msgspec.Raw
    context: Mapping[str, Any] = field(default_factory=dict)


class RecordBuilder:
    """Builds the records of one stream, and remembers what does not fit its schema."""

    def __init__(
        self, schema: dict[str, Any], keys: Sequence[str], dialect: Dialect | None = None
    ) -> None:
        """Prepare for a schema.

        Args:
            schema: The stream's record schema: flat columns.
            keys: Names of the columns that identify a record.
            dialect: How the vendor writes records.
        """
        self._keys = keys
        self._dialect = dialect or Dialect()
        self._readers = {
            name: reader(column, self._dialect) for name, column in schema["properties"].items()
        }
        self._blank = dict.fromkeys(self._readers)
        #: Names of vendor fields without a column; their values are in ``raw``.
        self.unknown: set[str] = set()
        #: Columns for which the vendor sent a value of another type; they are in ``raw``.
        self.misfits: set[str] = set()

    def build(self, vendor: VendorRecord, *, user_id: object, **own: object) -> dict[str, Any]:
        """Flatten one vendor record.

        Args:
            vendor: The record as the vendor sent it.
            user_id: The vendor's user, for records that do not name theirs.
            own: Values of the columns that are ours; a vendor's field of that name gives way.

        Raises:
            MalformedAnswerError: It is no JSON object, or its key is missing or of another type.
        """
        record: dict[str, Any] = {**self._blank, "user_id": user_id}
        try:
            fields = _decoder.decode(vendor.json)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise MalformedAnswerError("A record is no JSON object.") from None
        misfits: set[str] = set()
        self._fill(record, fields, misfits)
        for name, value in vendor.context.items():
            self._read(record, name, value, misfits)
        self.misfits |= misfits
        for name in self._keys:
            if record[name] is None:
                if name in misfits or name not in self._dialect.key_defaults:
                    raise MalformedAnswerError(f"A record has no {name}, or one of another type.")
                record[name] = self._dialect.key_defaults[name]
        record.update(own, raw=str(bytes(vendor.json), "utf-8"))
        return record

    def _is_object(self, name: str) -> bool:
        """`"score": null` stands for all columns score_*, so its own name is known as well."""
        return any(column.startswith(f"{name}_") for column in self._readers)

    def _fill(
        self, record: dict[str, Any], fields: dict[str, Any], misfits: set[str], prefix: str = ""
    ) -> None:
        """Read an object into its columns, and the objects in it into theirs."""
        aliases, readers = self._dialect.aliases, self._readers
        for field_name, value in fields.items():
            name = prefix + field_name
            name = aliases.get(name, name)
            if name in readers or not isinstance(value, dict):
                self._read(record, name, value, misfits)
            else:
                self._fill(record, value, misfits, f"{name}_")

    def _read(self, record: dict[str, Any], name: str, value: object, misfits: set[str]) -> None:
        if name not in self._readers:
            if value not in _EMPTY or not self._is_object(name):
                # A map by time would give a name for each of its entries.
                self.unknown.add(_LONG_NUMBER.sub("#", name))
        elif value is not None:
            try:
                record[name] = self._readers[name](value)
            except (ValueError, ArithmeticError):
                record[name] = None
                misfits.add(name)
