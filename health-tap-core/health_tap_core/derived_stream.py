"""Streams whose rows come with the answers of another stream."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from health_tap_core.pushed_stream import PushedStream
from health_tap_core.record_stream import RecordStream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from health_tap_core.record import VendorRecord


class DerivedStream(PushedStream, RecordStream):
    """A stream that needs no request of its own: its rows are parts of its parent's records.

    It shares the parent's windows and bookmark, and gets claims of its own in the sync log. It can
    be selected without its parent.
    """

    @abstractmethod
    def derive(self, record: VendorRecord) -> Iterable[VendorRecord]:
        """The parts of one of the parent's records."""
