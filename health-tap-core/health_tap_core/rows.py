"""What one window brings for one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from singer_sdk.helpers.types import Record

    from health_tap_core.account import Account
    from health_tap_core.record import VendorRecord
    from health_tap_core.record_stream import RecordStream


class Rows:
    """The rows of one stream and window: of a key that comes twice, the newest version."""

    def __init__(self, stream: RecordStream, account: Account, synced_at: datetime) -> None:
        self._stream = stream
        self._account = account
        self._synced_at = synced_at
        self._rows: dict[tuple[Any, ...], Record] = {}
        #: Records received, repeats counted each time.
        self.received = 0

    def add(self, record: VendorRecord) -> None:
        """Take one of the vendor's records."""
        row = self._stream.build(record, self._account, self._synced_at)
        key = tuple(row[name] for name in self._stream.primary_keys)
        self.received += 1
        if key not in self._rows or self._version(self._rows[key]) <= self._version(row):
            self._rows[key] = row

    def _version(self, row: Record) -> str:
        # A vendor writes all its instants alike, so their order is that of their texts.
        key = self._stream.replication_key
        return (key and row.get(key)) or ""

    def __iter__(self) -> Iterator[Record]:
        """All rows, in the order in which their keys came."""
        return iter(self._rows.values())

    def __len__(self) -> int:
        """Distinct keys."""
        return len(self._rows)
