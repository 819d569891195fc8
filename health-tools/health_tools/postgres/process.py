"""Is that process really our server? A number in a file proves nothing after a crash."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def server_pid(data: Path) -> int | None:
    """The process id of the server that runs on the folder `data`, or None."""
    pid = _noted_pid(data)
    return pid if pid is not None and _works_in(pid, data) else None


def forget_stranger(data: Path) -> None:
    """Remove a stale `postmaster.pid` whose number now belongs to another program.

    PostgreSQL clears up after a crash by itself, but refuses while *any* process has the noted
    number; in a restarted container that is the usual case.
    """
    pid = _noted_pid(data)
    if pid is not None and _exists(pid) and not _works_in(pid, data):
        (data / "postmaster.pid").unlink(missing_ok=True)


def _noted_pid(data: Path) -> int | None:
    try:
        first_line = (data / "postmaster.pid").read_text(encoding="utf-8").partition("\n")[0]
        return abs(int(first_line))
    except (FileNotFoundError, ValueError):
        return None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _works_in(pid: int, data: Path) -> bool:
    """Whether the process has `data` as its working folder, as the server always has."""
    if Path("/proc/self/cwd").exists():
        try:
            return Path(f"/proc/{pid}/cwd").samefile(data)
        except OSError:  # gone, a zombie, or another user's
            return False
    listing = subprocess.run(  # noqa: S603  (systems without /proc: fixed program, a number)
        ["/bin/ps", "-o", "command=", "-p", str(pid)], check=False, capture_output=True, text=True
    )
    return "postgres" in listing.stdout
