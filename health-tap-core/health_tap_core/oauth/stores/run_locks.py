"""One sync of an account at a time, also when a forced run meets one that was thought dead.

The locks lie beside the grants, so that whoever shares a grant shares its lock. Each dies with its
process, however that ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

_NAME = ".runs"


class RunLocks(Protocol):
    """The accounts that this process syncs."""

    def take(self, account: str) -> bool:
        """Keep other processes from syncing an account; false if one does so already."""

    def release(self) -> None:
        """Let them all go; the end of the process does the same."""


class FileRunLocks:
    """One file, a byte of it for each account: a thousand accounts need no thousand open files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None

    def take(self, account: str) -> bool:
        """Lock the account's byte.

        Raises:
            OSError: The folder cannot be written.
        """
        if self._file is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._file = os.open(self._folder / _NAME, flags, 0o600)
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, account_number(account))
        except (BlockingIOError, PermissionError):
            return False
        return True

    def release(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def account_number(name: str) -> int:
    """A number for a name, the same in every process; positive, 62 bits."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 2
