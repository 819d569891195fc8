"""Streams that only know the present."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk.helpers.types import Context  # noqa: TC002 (the SDK resolves annotations)

from health_tap_core.stream import HealthStream
from health_tap_core.window import Window

if TYPE_CHECKING:
    from health_tap_core.account import Account


class SnapshotStream(HealthStream):
    """A stream that only knows the present: one object, no history, no bookmark."""

    basis = "snapshot"
    kind = "snapshot"
    state_partitioning_keys = ()

    def plan(
        self,
        account: Account,
        context: Context,  # noqa: ARG002 (the base's signature)
    ) -> list[Window]:
        """The present instant."""
        return [Window(account.run_end, account.run_end, "snapshot", "snapshot")]
