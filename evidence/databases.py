"""Keeps what was ever written into databases that tests make outside of their temporary folders.

Tables may be gone when a server stops, and hold only what came last. The write-ahead log has every
value that was ever written, in clear.
"""

from __future__ import annotations

import os
from functools import wraps
from typing import TYPE_CHECKING

from health_tools.postgres import EmbeddedPostgres

if TYPE_CHECKING:
    from pathlib import Path


def keep_write_ahead_logs(folder: Path, *, kept_anyway: Path) -> None:
    """From now on, copy the log of each server into `folder` when a test stops it."""
    stop = EmbeddedPostgres.stop

    @wraps(stop)
    def stop_and_copy(server: EmbeddedPostgres) -> bool:
        stopped = stop(server)
        if kept_anyway not in server.home.resolve().parents:
            for number, segment in enumerate(sorted(server.home.rglob("pg_wal/*"))):
                if segment.is_file():
                    copy = folder / f"{os.getpid()}-{server.home.parent.name}-{number}"
                    copy.write_bytes(segment.read_bytes().rstrip(b"\0"))  # what is not used yet
        return stopped

    EmbeddedPostgres.stop = stop_and_copy  # type: ignore[assignment,method-assign]
