"""From a vendor's JSON object to a full, flat record that fits the stream's schema.

The loader overwrites with NULL what a record leaves out, so every record has every column.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import msgspec

from health_tap_core.errors import MalformedAnswerError
from health_tap_core.timestamps import to_utc

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Numbers keep the digits that the vendor wrote.
_decoder: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(
    dict[str, Any], float_hook=Decimal
)


class RecordBuilder:
    """Builds the records of one stream, and remembers the fields that its schema does not know."""

    def __init__(self, schema: dict[str, Any]) -> None:
        properties = schema["properties"]
        self._blank = dict.fromkeys(properties)
        self._instants = [
            name for name, column in properties.items() if column.get("format") == "date-time"
        ]
        # `"score": null` stands for all score_* columns, so its own name is known as well.
        self._objects = {
            "_".join(parts)
            for name in properties
            for parts in accumulate(([part] for part in name.split("_")), list.__add__)
        }
        #: Names of vendor fields without a column; their values are in ``raw``.
        self.unknown: set[str] = set()

    def build(self, raw: msgspec.Raw, *, user_id: object, **own: object) -> dict[str, Any]:
        """Flatten one vendor record.

        Args:
            raw: The record as the vendor sent it.
            user_id: The vendor's user, for records that do not name theirs.
            own: Values of the columns that are ours; a vendor's field of that name gives way.

        Raises:
            MalformedAnswerError: The record is no JSON object, or has an impossible date-time.
        """
        record: dict[str, Any] = {**self._blank, "user_id": user_id}
        try:
            for name, value in _flatten(_decoder.decode(raw)):
                if name in record:
                    record[name] = value
                elif value is not None or name not in self._objects:
                    self.unknown.add(name)
            # PostgreSQL cannot hold NUL in text; in the JSON text it stays, as its escape.
            record.update(own, raw=str(bytes(raw), "utf-8"))
            for name in self._instants:
                if record[name] is not None:
                    record[name] = to_utc(record[name])
        except (msgspec.MsgspecError, ValueError, AttributeError) as error:
            raise MalformedAnswerError(
                f"A record does not fit the vendor's specification ({type(error).__name__})."
            ) from None
        return record


def _flatten(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, field in value.items():
        if isinstance(field, dict):
            yield from _flatten(field, f"{prefix}{name}_")
        elif isinstance(field, str):
            yield prefix + name, field.replace("\0", "")
        else:
            yield prefix + name, field
