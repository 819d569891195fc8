"""Notes what every sandbox of this process issued, when it stops."""

from __future__ import annotations

import os
from functools import wraps
from typing import TYPE_CHECKING, Any

from health_sandbox.server import SandboxServer

if TYPE_CHECKING:
    from pathlib import Path


def note_secrets(folder: Path) -> None:
    """From now on, write the secrets of each sandbox into `folder`."""
    leave = SandboxServer.__exit__
    notes = folder / f"{os.getpid()}.txt"

    @wraps(leave)
    def note_and_leave(sandbox: SandboxServer, *raised: Any) -> None:
        try:
            secrets = sandbox.secrets()  # only a server that still runs can tell
            with notes.open("a") as file:
                file.writelines(f"{secret}\n" for secret in secrets)
        finally:
            leave(sandbox, *raised)

    SandboxServer.__exit__ = note_and_leave  # type: ignore[method-assign]
