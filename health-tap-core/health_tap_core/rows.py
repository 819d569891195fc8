"""What one window brings for one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from singer_sdk.helpers.types import Record

    from health_tap_core.account import Account
    from health_tap_core.record import VendorRecord
    from health_tap_core.record_stream import RecordStream


class Rows:
    """The rows of one stream and window: of a key that comes twice, the newest version."""

    def __init__(
        self,
        stream: RecordStream,
        account: Account,
        synced_at: datetime,
        *,
        keeps_records: bool = False,
    ) -> None:
        """Start without rows.

        Args:
            stream: Builds the rows.
            account: Whose they are.
            synced_at: When the window was read.
            keeps_records: Whether the vendor's records are wanted afterwards.
        """
        self._stream = stream
        self._build = stream.builder(account, synced_at)
        self._keeps_records = keeps_records
        self._rows: dict[tuple[Any, ...], Record] = {}
        self._records: dict[tuple[Any, ...], VendorRecord] = {}
        #: Records received, repeats counted each time.
        self.received = 0
        #: Records that gave way to another one of the same key and version.
        self.displaced = 0

    def add(self, record: VendorRecord) -> None:
        """Take one of the vendor's records."""
        row = self._build(record)
        key = tuple(row[name] for name in self._stream.primary_keys)
        self.received += 1
        if before := self._rows.get(key):
            old, new = self._version(before), self._version(row)
            if old > new:
                return
            self.displaced += old == new and before != row
        self._rows[key] = row
        if self._keeps_records:
            self._records[key] = record

    def _version(self, row: Record) -> str:
        # A vendor writes all its instants alike, so their order is that of their texts.
        key = self._stream.replication_key
        return (key and row.get(key)) or ""

    @property
    def user_id(self) -> object:
        """The vendor's user whose rows these are; None without a row that tells."""
        return next((row.get("user_id") for row in self._rows.values()), None)

    @property
    def records(self) -> Iterable[VendorRecord]:
        """The vendor's records behind the rows, if they were kept."""
        return self._records.values()

    def __iter__(self) -> Iterator[Record]:
        """All rows, in the order in which their keys came."""
        return iter(self._rows.values())

    def __len__(self) -> int:
        """Distinct keys."""
        return len(self._rows)
