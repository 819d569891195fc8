"""What every stream of records has: a builder, the evidence on each row, claims in the sync log.

Built on the SDK's plain ``Stream``. The private parts of the SDK that this package needs, pinned
by a test:

* ``Stream._increment_stream_state`` and ``Stream._write_starting_replication_value`` are switched
  off here: a bookmark is the end of a window, never a maximum over records;
* ``Stream.ABORT_AT_RECORD_COUNT`` tells a connection test from a sync;
* pushed streams write with ``Stream._write_schema_message`` and
  ``Stream._write_record_message``;
* the tap adds its checks to ``Tap._validate_config`` and an exit code to
  ``Tap._handle_termination``.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Stream
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.helpers.types import Context, Record  # noqa: TC002 (the SDK resolves annotations)
from singer_sdk.singerlib import Metadata

from health_tap_core.columns import EVIDENCE
from health_tap_core.log_fields import log_fields
from health_tap_core.record import RecordBuilder
from health_tap_core.sync_log import sync_row
from health_tap_core.timestamps import utc_text
from health_tap_core.values import Dialect

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from singer_sdk.singerlib import Catalog, MetadataMapping

    from health_tap_core.account import Account
    from health_tap_core.record import VendorRecord
    from health_tap_core.rows import Rows
    from health_tap_core.tap import HealthTap
    from health_tap_core.window import Window


class RecordStream(Stream):
    """A stream of a vendor's records."""

    # The record builder lets nothing through that does not fit; a second check would cost more
    # than the reading.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    #: Version of a row, if the vendor tells it.
    replication_key: str | None = None
    #: How the vendor writes these records.
    dialect: ClassVar[Dialect] = Dialect()

    _tap: HealthTap

    def warn_of_drift(self, rows: Rows) -> None:
        """Name, once, what the vendor sends and the schema does not know."""
        with log_fields(stream_name=self.name):
            builder = self._builder
            self._warn_once("the vendor sends fields that have no column yet", builder.unknown)
            self._warn_once("the vendor sent values of another type", builder.misfits)
            if rows.displaced:
                self.logger.warning(
                    "%s: %d records have the key of another one and differ from it; the last one "
                    "of each is kept.",
                    self.name,
                    rows.displaced,
                )

    def _warn_once(self, what: str, names: set[str]) -> None:
        new = names - self._warned
        if new:
            self._warned |= new
            self.logger.warning(
                "%s: %s: %s. Their values are kept in the column raw.",
                self.name,
                what,
                ", ".join(sorted(new)),
            )

    def claim(
        self,
        account: Account,
        window: Window,
        synced_at: datetime,
        *,
        requests: int,
        error: str | None = None,
        **counts: int,
    ) -> None:
        """Write the window's row of the sync log, and one line for whoever watches."""
        row = sync_row(
            account,
            self.name,
            window,
            run_id=self._tap.run_id,
            synced_at=synced_at,
            requests=requests,
            error=error,
            drift=self._builder.unknown | self._builder.misfits,
            **counts,
        )
        self._tap.sync_windows.write([row])
        with log_fields(stream_name=self.name):
            self.logger.info(
                "%s of account %r, %s up to %s: %s (records: %d, requests: %d)",
                self.name,
                account.name,
                window.kind,
                utc_text(window.end.replace(microsecond=0)),
                error or "complete",
                counts.get("distinct_keys", 0),
                requests,
            )

    def builder(self, account: Account, synced_at: datetime) -> Callable[[VendorRecord], Record]:
        """What makes a row of a record; it raises MalformedAnswerError if that has no key."""
        return partial(
            self._builder.build,
            user_id=account.user_id,
            account=account.name,
            synced_at=utc_text(synced_at),
        )

    @cached_property
    def _builder(self) -> RecordBuilder:
        return RecordBuilder(self.schema, self.primary_keys, self.dialect)

    @cached_property
    def _warned(self) -> set[str]:
        return set()

    @property
    def metadata(self) -> MetadataMapping:
        """What is selected; the evidence always is."""
        mapping = super().metadata
        for name in EVIDENCE:
            mapping[("properties", name)].inclusion = Metadata.InclusionType.AUTOMATIC
        return mapping

    def apply_catalog(self, catalog: Catalog) -> None:
        """Take the selection from a catalog.

        Raises:
            ConfigValidationError: It has another key. Without one, all records would be one row.
        """
        own: Any = type(self)
        super().apply_catalog(catalog)
        if list(self.primary_keys) != list(own.primary_keys):
            wanted, found = list(own.primary_keys), list(self.primary_keys)
            message = (
                f"The catalog gives stream {self.name} the key {found} instead of {wanted}. "
                "Make it anew with --discover."
            )
            raise ConfigValidationError(message, errors=[message], schema={})
        self.replication_key = own.replication_key
        self.forced_replication_method = None

    def get_replication_key_signpost(
        self,
        context: Context | None = None,
    ) -> None:
        """None: the bookmark is ours, no record can push it."""

    def _increment_stream_state(self, *_: Any, **__: Any) -> None:
        """Nothing: see the module's text."""

    def _write_starting_replication_value(self, *_: Any) -> None:
        """Nothing: see the module's text."""
