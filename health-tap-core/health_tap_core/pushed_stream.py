"""Streams whose rows are written when another stream has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import Stream
from singer_sdk.helpers.types import Context, Record  # noqa: TC002 (the SDK resolves annotations)

if TYPE_CHECKING:
    from collections.abc import Iterable


class PushedStream(Stream):
    """A stream that reads nothing by itself.

    Its rows do not go by way of ``sync()``, which repeats schema, state and metrics each time.
    """

    state_partitioning_keys = ()

    _announced = False

    def write(self, rows: Iterable[Record]) -> None:
        """Emit rows at once; nothing if the user deselected the stream."""
        if not self.selected:
            return
        if not self._announced:
            self._write_schema_message()
            self._announced = True
        for row in rows:
            self._write_record_message(row)

    def get_records(
        self,
        context: Context | None,  # noqa: ARG002 (the SDK's signature)
    ) -> Iterable[Record]:
        """None: rows are written from outside."""
        return ()
