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
    if pid is not None and _exists(pid) and _program(pid) != "postgres":
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
    try:
        return Path(f"/proc/{pid}/cwd").samefile(data)
    except OSError:
        # No such process, no /proc, or root in a container that may not look into the processes
        # of other accounts: everyone may read with which arguments a process was started.
        return str(data) in _command(pid)


def _command(pid: int) -> str:
    """The arguments of the process; empty if it is gone or a zombie."""
    return _linux(pid, "cmdline").replace("\0", " ") or _ps(pid, "command")


def _program(pid: int) -> str:
    """The name of the program that the process runs; a zombie runs none."""
    return Path(_linux(pid, "comm") if _linux(pid, "cmdline") else _ps(pid, "comm")).name


def _linux(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _ps(pid: int, field: str) -> str:
    if Path("/proc/self").exists():
        return ""
    listing = subprocess.run(  # noqa: S603  (fixed program, a number)
        ["/bin/ps", "-o", f"{field}=", "-p", str(pid)], check=False, capture_output=True, text=True
    )
    return listing.stdout.strip()
