"""Record schemas from a vendor's own OpenAPI specification.

* nested objects become columns, their names joined by ``_``: ``score.strain`` is ``score_strain``;
* every number is ``number`` (an integer column fails on the first 2.5), but identifiers are
  64-bit integers;
* everything but the key is nullable; enumerations and patterns are the vendor's to change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import StreamSchema
from singer_sdk.schema.source import OpenAPISchema, OpenAPISchemaNormalizer

from health_tap_core.columns import record_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from singer_sdk import Stream


class ColumnSchema(OpenAPISchemaNormalizer):
    """Turns an OpenAPI component into a flat record schema with our own columns."""

    def __init__(self, *, identifiers: Sequence[str], extra: dict[str, dict[str, Any]]) -> None:
        """Say what the specification cannot.

        Args:
            identifiers: Names of integer fields that identify something; they stay integers.
            extra: Columns for streams whose component lacks them, used where it does.
        """
        self._identifiers = frozenset(identifiers)
        self._extra = extra

    def preprocess_schema(
        self, schema: dict[str, Any], *, key_properties: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Flatten one component."""
        columns = dict(self._columns(self.normalize_schema(schema)))
        return record_schema({**self._extra, **columns}, keys=key_properties)

    def _columns(
        self, schema: dict[str, Any], prefix: str = ""
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, field in schema["properties"].items():
            column = f"{prefix}{name}"
            if "object" in field["type"]:
                yield from self._columns(field, f"{column}_")
            else:
                yield column, self._column(name, field)

    def _column(self, name: str, field: dict[str, Any]) -> dict[str, Any]:
        kind = next(kind for kind in field["type"] if kind != "null")
        if kind == "integer" and name not in self._identifiers:
            kind = "number"
        column: dict[str, Any] = {"type": [kind, "null"]}
        if kind == "string" and field.get("format") in {"date-time", "date", "uuid"}:
            column["format"] = field["format"]
        if description := field.get("description"):
            column["description"] = " ".join(description.split())
        return column


class ComponentSchema(StreamSchema[str]):
    """The schema of a stream class: one component of a specification.

    It is made once. The SDK makes it anew whenever it looks, and it looks twice for each record.
    """

    _made: dict[str, Any] | None = None

    def get_stream_schema(self, stream: Stream, stream_class: type[Stream]) -> dict[str, Any]:
        """The schema, the same object each time."""
        if self._made is None:
            self._made = super().get_stream_schema(stream, stream_class)
        return self._made


__all__ = ["ColumnSchema", "ComponentSchema", "OpenAPISchema"]
