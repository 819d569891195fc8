"""Where grants live: outside of Singer config and state, one file per account.

Vendors rotate single-use refresh tokens, so a grant must be durable *before its first use*.
Meltano's config files are thrown away after a run, and Singer state is stored only once the loader
has drained: neither can keep a token.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from filelock import FileLock, Timeout

from health_tap_core.errors import TokenStoreError
from health_tap_core.grant import Grant

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Seconds to wait for another process that is refreshing the same grant.
LOCK_TIMEOUT = 120.0


class FileTokenStore:
    """A 0700 folder with one 0600 file per account.

    A write is atomic and durable: temporary file, fsync, replace, fsync of the folder. The lock is
    a file beside it, never the file that is replaced.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, account: str) -> Grant | None:
        """The stored grant, or None when this account never had one.

        Raises:
            TokenStoreError: The file is unreadable or is not a grant; it is left as it is.
        """
        path = self._path(account)
        try:
            self._check_ours(path)
            return msgspec.json.decode(path.read_bytes(), type=Grant)
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError as error:
            raise TokenStoreError(
                f"The stored grant {path} is corrupt; it was left as it is. Restore it from a "
                "backup, or remove it and start again from a new refresh token."
            ) from error
        except OSError as error:
            raise TokenStoreError(
                f"The stored grant {path} cannot be used ({error.strerror}). It must belong to "
                f"the user that runs the tap: make user id {os.geteuid()} its owner, mode 0600."
            ) from error

    def save(self, account: str, grant: Grant) -> None:
        """Replace the stored grant; durable when this returns.

        Raises:
            TokenStoreError: Nothing was changed. The grant must not be used.
        """
        try:
            self._replace(self._path(account), msgspec.json.encode(grant))
        except OSError as error:
            raise self._unwritable(error) from error

    @contextlib.contextmanager
    def lock(self, account: str) -> Iterator[None]:
        """Hold the account's grant against every other process on this machine.

        Raises:
            TokenStoreError: The folder cannot be written, or another process holds the lock for
                longer than a refresh can take. Checked before a token is spent.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._check_writable()
            lock = FileLock(self._path(account).with_suffix(".lock"), mode=0o600)
            lock.acquire(timeout=LOCK_TIMEOUT)
        except Timeout as error:
            raise TokenStoreError(
                f"Another process has been refreshing the grant of account {account!r} for "
                f"{LOCK_TIMEOUT:.0f} s. Wait for it or end it, then run again."
            ) from error
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            yield
        finally:
            lock.release()

    def _path(self, account: str) -> Path:
        return self._folder / f"{account}.json"

    def _check_writable(self) -> None:
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    def _check_ours(self, path: Path) -> None:
        """A replace would succeed on these, and take the file from its owner or undo a wish."""
        status = path.stat()
        if status.st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, f"it belongs to user id {status.st_uid}")
        if not status.st_mode & stat.S_IWUSR:
            raise PermissionError(errno.EROFS, "it is read-only")

    def _replace(self, path: Path, content: bytes) -> None:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", dir=self._folder)
        try:
            with open(handle, "wb") as file:  # noqa: PTH123 (a descriptor, not a path)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)  # noqa: PTH105 (beside the other system calls it belongs to)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _unwritable(self, error: OSError) -> TokenStoreError:
        return TokenStoreError(
            f"The token store {self._folder} cannot be written ({error.strerror}), so a new "
            "refresh token could be lost. Make it writable for user id "
            f"{os.geteuid()} (mode 0700), or point token_store elsewhere."
        )
