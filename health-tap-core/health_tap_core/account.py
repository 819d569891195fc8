"""One account within one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from health_tap_core.errors import SyncError


@dataclass(frozen=True)
class Account:
    """A grant's name, its vendor user, and the moment at which its run began.

    Attributes:
        name: The user's own name for the grant.
        client: The vendor's client that signs with this account's grant.
        user_id: The vendor's user, as the vendor types it; None when it could not be learnt.
        run_end: Frozen end of every window of this run: the vendor's time when the run began.
        error: Why nothing of this account can be read in this run, if so.
    """

    name: str
    client: Any
    user_id: object
    run_end: datetime
    error: SyncError | None = None
