"""The columns of record schemas: the vendor's, and our own.

A loader never widens a column and never alters a key, so a schema is decided once and loosely:
quantities are ``number`` (an integer column fails on the first 2.5), only identifiers and codes are
``integer``, and everything but the key is nullable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Column = dict[str, Any]

#: Columns without which no row can be followed to its claim in the sync log: always selected.
EVIDENCE = ("account", "synced_at")
#: Columns that the core adds to every record of every stream.
OWN_COLUMNS: dict[str, Column] = {
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


def number(description: str) -> Column:
    """A quantity."""
    return {"type": ["number", "null"], "description": description}


def integer(description: str) -> Column:
    """An identifier or a code: 64 bits."""
    return {"type": ["integer", "null"], "description": description}


def text(description: str) -> Column:
    """Any text."""
    return {"type": ["string", "null"], "description": description}


def boolean(description: str) -> Column:
    """True or false."""
    return {"type": ["boolean", "null"], "description": description}


def instant(description: str) -> Column:
    """An instant, UTC."""
    return {"type": ["string", "null"], "format": "date-time", "description": description}


def day(description: str) -> Column:
    """A calendar date as the vendor gives it, without a zone."""
    return {"type": ["string", "null"], "format": "date", "description": description}


def json_text(description: str) -> Column:
    """Any JSON, as text."""
    media = "application/json"
    return {"type": ["string", "null"], "contentMediaType": media, "description": description}


def record_schema(columns: Mapping[str, Column], *, keys: Sequence[str]) -> dict[str, Any]:
    """A record schema: the vendor's columns and ours; the key cannot be null."""
    return {
        "type": "object",
        "properties": {
            name: _required(column) if name in keys else column
            for name, column in {**columns, **OWN_COLUMNS}.items()
        },
        "required": [*keys, *EVIDENCE],
    }


def _required(column: Column) -> Column:
    return {**column, "type": [kind for kind in column["type"] if kind != "null"]}
