"""What steps of a history do to the records of a member."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from ..oracle.records import parse_instant
from . import histories as h

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from health_sandbox.client import ControlClient

Record = dict[str, Any]


class Life(ABC):
    """A member's records at one vendor, as steps change them.

    Nothing is left to chance, so that the same steps are the same history.
    """

    #: What identifies a record of each collection for the control endpoint.
    ids: ClassVar[Mapping[str, str]]
    #: What steps may add and move.
    additions: frozenset[str]
    movable: frozenset[str]
    #: What goes along with a deletion.
    along: ClassVar[Mapping[str, str]] = {}

    def __init__(self, sandbox: ControlClient, member: str) -> None:
        self._sandbox = sandbox
        self._member = member
        self._deletions: list[list[tuple[str, Record]]] = []
        self._changes = 0

    def take(self, step: h.Step) -> None:
        """Do one step, if there is something that it can be done to."""
        self._changes += 1
        match step:
            case h.Wait(minutes):
                self._sandbox.advance(minutes * 60)
            case h.Add(collection, hours, stamped) if collection in self.additions:
                made = self.new(collection, self.now - timedelta(hours=hours), self._changes)
                self._sandbox.add(self._member, collection, {**made, **self._stamp({}, stamped)})
            case h.Edit(collection, nth, stamped):
                self._change(collection, nth, self.edited, stamped)
            case h.Score(collection, nth, state):
                self._change(collection, nth, lambda c, r: self.scored(c, r, state))
            case h.Move(collection, nth, hours) if collection in self.movable:
                self._change(collection, nth, lambda _, r: self.moved(r, timedelta(hours=hours)))
            case h.Delete(collection, nth):
                self._delete(collection, nth)
            case h.Restore(nth, unstamped):
                self._restore(nth, unstamped=unstamped)

    @property
    def now(self) -> datetime:
        """The vendor's time, UTC."""
        return parse_instant(self._sandbox.now())

    def records(self, collection: str) -> list[Record]:
        """The records of a collection, newest first."""
        return self._sandbox.truth(self._member, collection)

    @abstractmethod
    def new(self, collection: str, end: datetime, number: int) -> Record:
        """A record of an activity that ended then; the number tells it from others."""

    @abstractmethod
    def edited(self, collection: str, record: Record) -> Record | None:
        """A change of a value; another one each time."""

    @abstractmethod
    def scored(self, collection: str, record: Record, state: str) -> Record | None:
        """A change of a score."""

    @abstractmethod
    def moved(self, record: Record, by: timedelta) -> Record | None:
        """A change of the time of a record."""

    @abstractmethod
    def stamp(self, record: Record, at: datetime) -> Record:
        """What tells that a record changed at an instant."""

    def can_go(self, record: Record) -> bool:  # noqa: ARG002
        """Whether a record can be deleted."""
        return True

    def _stamp(self, record: Record, minutes: int) -> Record:
        return self.stamp(record, self.now - timedelta(minutes=minutes))

    def _nth(self, collection: str, nth: int) -> Record | None:
        records = self.records(collection)
        return records[nth % len(records)] if records else None

    def _change(self, collection: str, nth: int, change: Any, stamped: int = 0) -> None:
        record = self._nth(collection, nth)
        if record is None or not (made := change(collection, record)):
            return
        key = str(self.key(collection, record))
        made |= self._stamp(record, stamped)
        self._sandbox.edit(self._member, collection, key, made)

    def key(self, collection: str, record: Record) -> Any:
        """What the control endpoint calls a record."""
        return record[self.ids[collection]]

    def _delete(self, collection: str, nth: int) -> None:
        record = self._nth(collection, nth)
        if record is None or not self.can_go(record):
            return
        gone = [(collection, record)]
        if other := self.along.get(collection):
            before = self.records(other)
        self._sandbox.delete(self._member, collection, str(self.key(collection, record)))
        if other:
            after = self.records(other)
            gone += [(other, each) for each in before if each not in after]
        self._deletions.append(gone)

    def _restore(self, nth: int, *, unstamped: bool) -> None:
        if not self._deletions:
            return
        gone = self._deletions.pop(-1 - nth % len(self._deletions))
        for collection, record in gone:
            if self._can_restore(collection, record):
                stamp = {} if unstamped else self._stamp(record, 0)
                self._sandbox.add(self._member, collection, {**record, **stamp})

    def _can_restore(self, collection: str, record: Record) -> bool:
        key = self.key(collection, record)
        return key not in {self.key(collection, each) for each in self.records(collection)}


def any_of(records: Iterable[Record], field: str) -> Any:
    """The first value of a field that is there; None if none is."""
    return next((record[field] for record in records if record.get(field)), None)
