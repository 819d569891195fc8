"""Singer schemas that a loader can keep for ever, made from a vendor's own OpenAPI specification.

A loader never widens a column and never alters a key, so the schema is decided once and loosely:

* nested objects become columns, their names joined by ``_``: ``score.strain`` is ``score_strain``;
* every number is ``number`` (an integer column fails on the first 2.5), but identifiers are
  64-bit integers;
* everything but the key is nullable; enumerations and patterns are the vendor's to change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk.schema.source import OpenAPISchema, OpenAPISchemaNormalizer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Columns without which no row can be followed to its claim in the sync log: always selected.
EVIDENCE = ("account", "synced_at")
#: Columns that the core adds to every record of every stream.
OWN_COLUMNS: dict[str, dict[str, Any]] = {
    "account": {
        "type": ["string"],
        "description": "The user's own name for the grant that this record was read with.",
    },
    "synced_at": {
        "type": ["string"],
        "format": "date-time",
        "description": "When the window that this record came with was read (UTC).",
    },
    "raw": {
        "type": ["string", "null"],
        "description": "The vendor's record verbatim, as JSON text.",
    },
}


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
        properties = {
            name: _required(column) if name in key_properties else column
            for name, column in {**self._extra, **columns, **OWN_COLUMNS}.items()
        }
        return {
            "type": "object",
            "properties": properties,
            "required": [*key_properties, *EVIDENCE],
        }

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


def _required(column: dict[str, Any]) -> dict[str, Any]:
    return {**column, "type": [kind for kind in column["type"] if kind != "null"]}


__all__ = ["EVIDENCE", "OWN_COLUMNS", "ColumnSchema", "OpenAPISchema"]
