"""Records that change over time, and what is visible of them at an instant.

A vendor's record is a list of versions. Each version tells from which instant on the API
shows it and what it changes; the record at an instant is the fold of all versions up to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

Body = dict[str, Any]

NEVER = 1 << 62
"""An instant after all others: the end of what has no end."""


@dataclass(frozen=True, slots=True)
class Version:
    """A change that the API shows from an instant on."""

    visible_from: int
    change: Body | None
    """Merged into the record, nested objects field by field; ``None`` deletes the record."""


def merge(body: Body, change: Body) -> Body:
    """Return the body with a change merged in; nulls are values, not removals."""
    merged = {**body, **change}
    for name, value in change.items():
        before = body.get(name)
        if isinstance(value, dict) and isinstance(before, dict):
            merged[name] = merge(before, value)
    return merged


class Record:
    """One record of a vendor: its own versions, and the edits laid over them.

    Edits come from the control endpoint, as if the member had corrected the record in the app:
    they stay on top when the vendor scores the record again later.
    """

    __slots__ = ("_body", "_edits", "_since", "_until", "_versions", "id", "listed_as_of")

    def __init__(
        self, record_id: str, versions: list[Version], *, listed_as_of: int | None = None
    ) -> None:
        self.id = record_id
        self.listed_as_of = listed_as_of
        """The instant that places the record in a list, if it is not its start."""
        self._versions = sorted(versions, key=lambda version: version.visible_from)
        self._edits: list[Version] = []
        self._since, self._until = NEVER, NEVER
        self._body: Body | None = None

    def add(self, version: Version) -> None:
        """Append a version of the vendor's own."""
        self._versions.append(version)
        self._since = NEVER

    def edit(self, version: Version) -> None:
        """Lay an edit over the vendor's versions."""
        self._edits.append(version)
        self._since = NEVER

    def at(self, now: int) -> tuple[Body | None, int]:
        """Return the record as the API shows it at an instant, and when that changes next.

        The record is ``None`` before it appears and after it was deleted; the instant of the
        next change is ``NEVER`` if there is none.
        """
        if not self._since <= now < self._until:
            self._fold(now)
        return self._body, self._until

    def _fold(self, now: int) -> None:
        versions = [version for version in self._versions if version.visible_from <= now]
        edits = [edit for edit in self._edits if edit.visible_from <= now]
        changes = [version.visible_from for version in (*self._versions, *self._edits)]
        self._since = max((at for at in changes if at <= now), default=-NEVER)
        self._until = min((at for at in changes if at > now), default=NEVER)
        self._body = None
        if not versions:
            return
        body: Body = {}
        for version in (*versions, *edits):
            if version.change is None:
                return
            body = merge(body, version.change)
        scored_again = edits and versions[-1].visible_from > edits[-1].visible_from
        if scored_again and "updated_at" in (versions[-1].change or {}):
            body["updated_at"] = (versions[-1].change or {})["updated_at"]
        self._body = body


class Row(NamedTuple):
    """A visible record with the span of time it covers, both in instants."""

    id: str
    body: Body
    start: int
    end: int
    listed_as_of: int


Lookup = Callable[[str, str], "Body | None"]
"""Finds the visible record of a collection by its id."""

Span = Callable[[Body, Lookup], "tuple[int, int]"]
"""Tells from when to when the activity of a record lasted."""


class Ledger:
    """All records of one member at one vendor, by collection."""

    def __init__(self, spans: Mapping[str, Span]) -> None:
        self._spans = spans
        self._records: dict[str, dict[str, Record]] = {name: {} for name in spans}
        self._rows: dict[str, dict[str, Row]] = {}
        self._since, self._until = NEVER, NEVER

    def put(self, collection: str, record: Record) -> None:
        """Add a record, or replace the one with the same id."""
        self._records[collection][record.id] = record
        self._since = NEVER

    def edit(self, collection: str, record_id: str, version: Version) -> None:
        """Lay an edit over a record."""
        self._records[collection][record_id].edit(version)
        self._since = NEVER

    def extend(self, collection: str, record_id: str, version: Version) -> None:
        """Append a version of the vendor's own to a record."""
        self._records[collection][record_id].add(version)
        self._since = NEVER

    def rows(self, collection: str, now: int) -> dict[str, Row]:
        """Return what is visible at an instant by id, last listed first."""
        if not self._since <= now < self._until:
            self._look(now)
        return self._rows[collection]

    def _look(self, now: int) -> None:
        def lookup(collection: str, record_id: str) -> Body | None:
            record = self._records[collection].get(record_id)
            return record.at(now)[0] if record else None

        until = NEVER
        for name, records in self._records.items():
            span, rows = self._spans[name], []
            for record in records.values():
                body, changes_at = record.at(now)
                until = min(until, changes_at)
                if body is not None:
                    start, end = span(body, lookup)
                    listed = start if record.listed_as_of is None else record.listed_as_of
                    rows.append(Row(record.id, body, start, end, listed))
            rows.sort(key=lambda row: row.listed_as_of, reverse=True)
            self._rows[name] = {row.id: row for row in rows}
        self._since, self._until = now, until
