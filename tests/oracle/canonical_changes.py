"""What happens to the records of a member of either vendor."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zlib import crc32

from .records import parse_instant

if TYPE_CHECKING:
    from health_sandbox.client import ControlClient

    from .canonical_rows import Record

#: Above all ids that the sandbox makes by itself.
_FIRST_ID = 9 * 10**14


@dataclass
class Changes:
    """What happens to one member's records.

    Everything is counted from the newest record, so the same moment brings the same changes.

    Attributes:
        sandbox: The control endpoint of the vendor.
        member: Whose records.
    """

    sandbox: ControlClient
    member: str
    _gone: list[tuple[str, Record]] = field(default_factory=list)
    _count: int = 0

    def newest(self, collection: str) -> list[Record]:
        """All records, the newest first."""
        return self.sandbox.truth(self.member, collection)

    def edit(self, collection: str, record: Record, **change: Any) -> None:
        """Change a record."""
        self.sandbox.edit(self.member, collection, _key(record), change)

    def delete(self, collection: str, record: Record) -> None:
        """Have the vendor forget a record."""
        self.sandbox.delete(self.member, collection, _key(record))
        self._gone.append((collection, record))

    def restore(self, count: int, **stamp: Any) -> None:
        """What went first is there again."""
        for collection, record in self._gone[:count]:
            self.sandbox.add(self.member, collection, {**record, **stamp})
        self._gone.clear()

    def new_id(self) -> int:
        """An id that no record has, of nobody."""
        self._count += 1
        return _FIRST_ID + 10_000 * (crc32(self.member.encode()) % 10_000) + self._count


def epoch(text: str) -> int:
    """The seconds since 1970 of an instant."""
    return int((parse_instant(text) - datetime(1970, 1, 1)).total_seconds())


def _key(record: Record) -> str:
    """What the control endpoint calls a record; a recovery by its cycle."""
    names = ("id", "grpid", "cycle_id", "date")
    return str(next(record[name] for name in names if name in record))
