"""Notes what every sandbox of this process issued, when it stops."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from health_sandbox.server import SandboxServer

if TYPE_CHECKING:
    from .notes import Notes


def note_secrets(notes: Notes) -> None:
    """From now on, note the secrets of each sandbox."""
    leave = SandboxServer.__exit__

    @wraps(leave)
    def note_and_leave(sandbox: SandboxServer, *raised: Any) -> None:
        try:
            for secret in sandbox.secrets():  # only a server that still runs can tell
                notes.add(f"{secret}\n")
        finally:
            leave(sandbox, *raised)

    SandboxServer.__exit__ = note_and_leave  # type: ignore[method-assign]
