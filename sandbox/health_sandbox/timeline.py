"""Records that change over time, and what is visible of them at an instant.

A vendor's record is a list of versions: each tells from which instant on the API shows it, and
the whole body it shows then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from .instants import DAY, to_datetime

if TYPE_CHECKING:
    from datetime import date

Body = dict[str, Any]

NEVER = 1 << 62
"""An instant after all others: the end of what has no end."""

_STAMPS = ("updated_at", "modified")
"""The fields in which vendors tell when a record last changed."""


@dataclass(frozen=True, slots=True)
class Version:
    """What the API shows of a record from an instant on."""

    visible_from: int
    body: Body | Callable[[], Body] | None
    """The whole body, or how to make it when it is asked for; ``None``: the record is gone."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change laid over all versions from an instant on."""

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
        self._edits: list[Edit] = []
        self._since, self._until = NEVER, NEVER
        self._body: Body | None = None

    def add(self, version: Version) -> None:
        """Append a version of the vendor's own."""
        self._versions.append(version)
        self._since = NEVER

    def edit(self, edit: Edit) -> None:
        """Lay an edit over the vendor's versions."""
        self._edits.append(edit)
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
        self._since, self._until = -NEVER, NEVER
        instants = [version.visible_from for version in self._versions]
        instants += [edit.visible_from for edit in self._edits]
        for at in instants:
            if at > now:
                self._until = min(self._until, at)
            else:
                self._since = max(self._since, at)
        shown = [version for version in self._versions if version.visible_from <= now]
        edits = [edit for edit in self._edits if edit.visible_from <= now]
        self._body = _lay_over(shown[-1], edits) if shown else None


def _lay_over(version: Version, edits: list[Edit]) -> Body | None:
    """Return a version with edits laid over it; the later of the two sets its stamp."""
    original = version.body() if callable(version.body) else version.body
    body = original
    for edit in edits:
        if body is None or edit.change is None:
            return None
        body = merge(body, edit.change)
    if not edits or body is None or original is None:
        return body
    if version.visible_from > edits[-1].visible_from:
        return {**body, **{name: original[name] for name in _STAMPS if name in original}}
    return body


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


@dataclass(frozen=True, slots=True)
class _View:
    """What a collection shows between two instants."""

    rows: dict[str, Row]
    since: int
    until: int


_NO_VIEW = _View({}, NEVER, NEVER)


class Ledger:
    """All records of one member at one vendor, by collection."""

    def __init__(self, spans: Mapping[str, Span]) -> None:
        self._spans = spans
        self._records: dict[str, dict[str, Record]] = {name: {} for name in spans}
        self._views: dict[str, _View] = {}

    def put(self, collection: str, record: Record) -> None:
        """Add a record, or replace the one with the same id."""
        self._records[collection][record.id] = record
        self._views.clear()

    def edit(self, collection: str, record_id: str, edit: Edit) -> None:
        """Lay an edit over a record."""
        self._records[collection][record_id].edit(edit)
        self._views.clear()

    def extend(self, collection: str, record_id: str, version: Version) -> None:
        """Append a version of the vendor's own to a record."""
        self._records[collection][record_id].add(version)
        self._views.clear()

    def rows(self, collection: str, now: int) -> dict[str, Row]:
        """Return what is visible at an instant by id, last listed first."""
        view = self._views.get(collection, _NO_VIEW)
        if not view.since <= now < view.until:
            view = self._views[collection] = self._look(collection, now)
        return view.rows

    def _look(self, collection: str, now: int) -> _View:
        until, span, rows = NEVER, self._spans[collection], []

        def at(record: Record) -> Body | None:
            nonlocal until
            body, changes_at = record.at(now)
            until = min(until, changes_at)
            return body

        def lookup(other: str, record_id: str) -> Body | None:
            record = self._records[other].get(record_id)
            return at(record) if record else None

        for record in self._records[collection].values():
            body = at(record)
            if body is not None:
                start, end = span(body, lookup)
                listed = start if record.listed_as_of is None else record.listed_as_of
                rows.append(Row(record.id, body, start, end, listed))
        rows.sort(key=lambda row: row.listed_as_of, reverse=True)
        return _View({row.id: row for row in rows}, now, until)


def first_day(clock_start: int, years: float) -> date:
    """Return the first date of a history of so many years before the start of the clock."""
    return to_datetime(clock_start - round(years * 365.25) * DAY).date()
