"""Grants in a folder: one file per account, replaced as a whole."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from health_tap_core.errors import TokenStoreError
from health_tap_core.oauth.codec import UndecipherableError, is_cut_short
from health_tap_core.oauth.stores import base
from health_tap_core.oauth.stores.base import HeldGrant, TokenStore
from health_tap_core.oauth.stores.run_locks import FileRunLocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from health_tap_core.oauth.codec import GrantCodec
    from health_tap_core.oauth.grant import Grant

#: Bytes set aside before a token is spent: several times what a grant takes.
RESERVE = 16 * 1024
_GRANT, _NEW, _LOCK = ".json", ".new", ".lock"


class FileTokenStore(TokenStore):
    """A 0700 folder with one 0600 file per account, a lock file beside it.

    A write is atomic and durable: a new file, fsync, replace, fsync of the folder. The lock is
    never the file that is replaced. A new file that a crash left behind complete is taken up by the
    next process that takes the lock, so that a token is lost only while it is in memory alone.
    """

    def __init__(self, folder: Path, provider: str, codec: GrantCodec) -> None:
        super().__init__(provider, codec)
        self.folder = folder

    def accounts(self) -> list[str]:
        """The accounts that have a file."""
        return sorted(path.name.removesuffix(_GRANT) for path in self.folder.glob(f"*{_GRANT}"))

    def place(self, account: str) -> str:
        """The path of the account's file."""
        return str(self.path(account))

    def path(self, account: str, suffix: str = _GRANT) -> Path:
        """A file of the account."""
        return self.folder / f"{account}{suffix}"

    def read(self, account: str) -> bytes | None:
        """The file's content."""
        return read_ours(self.path(account))

    @contextlib.contextmanager
    def lock(self, account: str) -> Iterator[HeldGrant]:
        """Hold the lock file, against every other process on this machine."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._check_writable()
            lock = FileLock(self.path(account, _LOCK), mode=0o600)
            lock.acquire(timeout=base.LOCK_TIMEOUT)
        except Timeout:
            raise TokenStoreError(
                f"Another process has been refreshing the grant of account {account!r} for "
                f"{base.LOCK_TIMEOUT:.0f} s. Wait for it or end it, then run again."
            ) from None
        except OSError as error:
            raise self.unwritable(error) from None
        held = _HeldFile(self, account)
        try:
            held.take_up()
            yield held
        finally:
            held.clear_reserve()
            lock.release()

    def run_locks(self) -> FileRunLocks:
        """Locks in a file of the folder."""
        return FileRunLocks(self.folder)

    def unwritable(self, error: OSError) -> TokenStoreError:
        """What to do when the folder or a file in it cannot be written."""
        return TokenStoreError(
            f"The token store {self.folder} cannot be written ({error.strerror}), so a new "
            "refresh token could be lost. Make it writable for user id "
            f"{os.geteuid()} (mode 0700) and see that the disk has room, or point token_store "
            "elsewhere."
        )

    def _check_writable(self) -> None:
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


class _HeldFile(HeldGrant):
    def __init__(self, store: FileTokenStore, account: str) -> None:
        super().__init__(store, account)
        self._folder = store.folder
        self._path = store.path(account)
        self._new = store.path(account, _NEW)
        self._unwritable = store.unwritable
        self._reserved = False
        self._undecided: TokenStoreError | None = None

    def load(self) -> Grant | None:
        """The file's grant, unless there is one beside it that may be newer."""
        if self._undecided:
            raise self._undecided
        return super().load()

    def reserve(self) -> None:
        """Set room aside in the file that the grant will be written to."""
        if self._undecided:
            raise self._undecided
        self._reserved = True
        try:
            self._write_new(bytes(RESERVE))
        except OSError as error:
            raise self._unwritable(error) from None

    def replace(self, document: bytes, *, expected: int) -> None:
        """Write the new file, fsync, replace, fsync the folder."""
        if self._stored_version() != expected:
            raise self.changed()
        # From here on the new file may be the only copy: the next holder decides what it is.
        self._reserved = False
        try:
            self._write_new(document)
            self._publish()
        except OSError as error:
            raise self._unwritable(error) from None

    def forget(self) -> None:
        """Remove the file, and what a crash may have left beside it."""
        self._undecided = None
        try:
            self._new.unlink(missing_ok=True)
            self._path.unlink(missing_ok=True)
            self._sync_folder()
        except OSError as error:
            raise self._unwritable(error) from None

    def take_up(self) -> None:
        """Finish the write of a process that died between writing and replacing, if it can be."""
        left = read_ours(self._new)
        if left is None:
            return
        try:
            version = self._stored_version()
        except TokenStoreError:
            return  # whoever loads the grant is told; until it is mended, nothing is decided
        # The writer may have died before it cut off what was left of the reserve.
        document = left.rstrip(b"\0")
        try:
            grant = self._store.decode(self._account, document, str(self._new))
            whole = grant.version == version + 1
        except UndecipherableError as error:
            if not is_cut_short(document):
                # It may be a good grant, written with a key that this process does not have.
                self._undecided = error
                return
            whole = False
        except TokenStoreError:
            whole = False
        try:
            if whole:
                self._write_new(document)  # the writer may have died before its fsync
                self._publish()
            else:
                self._new.unlink()
        except OSError as error:
            raise self._unwritable(error) from None

    def clear_reserve(self) -> None:
        """Give back the room that no grant was written to; the next holder does it else."""
        if self._reserved:
            with contextlib.suppress(OSError):
                self._new.unlink(missing_ok=True)

    def _stored_version(self) -> int:
        grant = self.load()
        return grant.version if grant else 0

    def _write_new(self, content: bytes) -> None:
        descriptor = os.open(self._new, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:  # noqa: PTH123 (a descriptor, not a path)
            # Overwritten in place: the room that was reserved stays reserved.
            file.write(content)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())

    def _publish(self) -> None:
        os.replace(self._new, self._path)  # noqa: PTH105 (a named step of the crash tests)
        self._sync_folder()

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def read_ours(path: Path) -> bytes | None:
    """The content of a file that is ours; None if there is no file.

    Raises:
        TokenStoreError: It cannot be read, or is not ours to replace.
    """
    try:
        check_ours(path)
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TokenStoreError(
            f"The stored grant {path} cannot be used ({error.strerror}). It must belong to "
            f"the user that runs the tap: make user id {os.geteuid()} its owner, mode 0600."
        ) from None


def check_ours(path: Path) -> None:
    """Refuse what a replace would take from its owner, or from under somebody's wish.

    Raises:
        OSError: The file is missing, somebody else's or read-only.
    """
    status = path.stat()
    if status.st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, f"it belongs to user id {status.st_uid}")
    if not status.st_mode & stat.S_IWUSR:
        raise PermissionError(errno.EROFS, "it is read-only")
