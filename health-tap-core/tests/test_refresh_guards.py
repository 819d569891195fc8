"""What keeps a single-use refresh token from being lost, and what would notice its absence.

Each guard has a check over real HTTP. The check passes; and with the guard taken out of the code,
the same check fails.
"""

from __future__ import annotations

import os
import stat
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from health_tap_core.errors import SyncError
from health_tap_core.oauth.authenticator import Authenticator
from health_tap_core.oauth.stores import file, postgres
from health_tap_core.oauth.stores.base import TokenStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from health_sandbox.server import SandboxServer
    from health_tap_core.oauth.grant import Grant

    from .conftest import Rig

    Check = Callable[[Rig, SandboxServer], None]

RUNS = 4


def check_one_refresh(rig: Rig, sandbox: SandboxServer) -> None:
    """Of several runs at once one asks the vendor, and all use its answer."""
    # The vendor takes its time, so that every run has begun before the first has its answer.
    sandbox.add_fault("*/oauth2/token", "slow", delay=0.6)
    together = threading.Barrier(RUNS)
    found: list[str] = []

    def run() -> None:
        subject = rig.authenticator(None)
        together.wait()
        try:
            found.append(subject.access_token("ana"))
        except SyncError as error:
            found.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=run) for _ in range(RUNS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = [request["status"] for request in sandbox.requests()]
    assert statuses == [200], f"asked more than once: {statuses}"
    assert found == [rig.load().access_token] * RUNS


def check_stored_before_use(rig: Rig, sandbox: SandboxServer) -> None:
    """Whoever has a token to use can die at once: the next run goes on from what is stored."""
    for number in range(3):
        used = rig.authenticator(None).access_token("ana")
        assert rig.load().access_token == used, f"token {number} is used, and not stored"
        rig.now += 7200
    assert [request["status"] for request in sandbox.requests()] == [200] * 3


def check_durable_file(rig: Rig, _: SandboxServer) -> None:
    """New file, its content on disk, in place of the old one, the folder on disk; then use."""
    with recorded_calls() as calls:
        rig.authenticator(None).access_token("ana")
    reserve, write = ["open", "fsync file"], ["open", "fsync file", "replace", "fsync folder"]
    assert calls == [*reserve, *write], f"not durable: {', '.join(calls)}"


def check_durable_row(rig: Rig, _: SandboxServer) -> None:
    """The server answers after the commit is on its disk, whatever is its default."""
    database = rig.place.database
    assert database
    database.execute(
        "create table meta.seen (setting text);"
        "create function meta.see() returns trigger language plpgsql as $$ begin"
        " if new.document <> old.document then"
        "  insert into meta.seen values (current_setting('synchronous_commit'));"
        " end if; return new; end $$;"
        "create trigger see before update on meta.oauth_grants"
        " for each row execute function meta.see()"
    )
    rig.place.address += "&options=-c%20synchronous_commit%3Doff"
    rig.authenticator(None).access_token("ana")
    settings = database.execute("select setting from meta.seen")
    assert settings == [("on",)], f"not durable: {settings}"


@contextmanager
def recorded_calls() -> Iterator[list[str]]:
    calls: list[str] = []
    real_open, real_fsync, real_replace = os.open, os.fsync, os.replace

    def recorded_open(path: str | Path, flags: int, mode: int = 0o777) -> int:
        if str(path).endswith(".new"):
            calls.append("open")
        return real_open(path, flags, mode)

    def recorded_fsync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        calls.append("fsync folder" if is_folder else "fsync file")
        real_fsync(descriptor)

    def recorded_replace(source: Path, target: Path) -> None:
        calls.append("replace")
        real_replace(source, target)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "open", recorded_open)
        patched.setattr(os, "fsync", recorded_fsync)
        patched.setattr(os, "replace", recorded_replace)
        yield calls


def remove_lock(patched: pytest.MonkeyPatch) -> None:
    class NoLock:
        def __init__(self, *_: Any, **__: Any) -> None: ...

        def acquire(self, **_: Any) -> None: ...

        def release(self) -> None: ...

    patched.setattr(file, "FileLock", NoLock)
    for statement in ("_HOLD", "_TOUCH"):  # whoever writes to a row holds it, too
        patched.setattr(postgres, statement, postgres._READ)


def remove_rereading(patched: pytest.MonkeyPatch) -> None:
    """The holder of the lock sees what was stored before it waited for it."""
    before = threading.local()
    load = TokenStore.load

    def remembered(store: TokenStore, account: str) -> Grant | None:
        grant = before.grant = load(store, account)
        return grant

    patched.setattr(TokenStore, "load", remembered)
    for held in (file._HeldFile, postgres._HeldRow):
        patched.setattr(held, "load", lambda _: before.grant)


def remove_write_before_use(patched: pytest.MonkeyPatch) -> None:
    """A token is used as it comes; it would be stored when the run ends, but the run dies."""

    def keep_in_memory(
        self: Authenticator, _: str, __: object, start: Any, answer: Any, ___: object
    ) -> Grant:
        return self._granted(answer, start)

    patched.setattr(Authenticator, "_keep", keep_in_memory)


def remove_file_fsync(patched: pytest.MonkeyPatch) -> None:
    def write(self: file._HeldFile, content: bytes) -> None:
        descriptor = os.open(self._new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(descriptor, content)
        os.close(descriptor)

    patched.setattr(file._HeldFile, "_write_new", write)


def remove_folder_fsync(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(file._HeldFile, "_sync_folder", lambda _: None)


def remove_synchronous_commit(patched: pytest.MonkeyPatch) -> None:
    lax = postgres._SETTINGS.replace("'on'", "current_setting('synchronous_commit')")
    assert lax != postgres._SETTINGS
    patched.setattr(postgres, "_SETTINGS", lax)


@pytest.mark.parametrize("check", [check_one_refresh, check_stored_before_use])
def test_the_guards_hold_in_every_store(
    sandbox_rig: Rig, sandbox: SandboxServer, check: Check
) -> None:
    check(sandbox_rig, sandbox)


@pytest.mark.parametrize(
    ("check", "remove", "noticed"),
    [
        pytest.param(check_one_refresh, remove_lock, "asked more than once", id="the lock"),
        pytest.param(
            check_one_refresh, remove_rereading, "asked more than once", id="reading again"
        ),
        pytest.param(
            check_stored_before_use,
            remove_write_before_use,
            "token 0 is used, and not stored",
            id="the write before use",
        ),
    ],
)
def test_it_would_be_noticed_to_lack(
    sandbox_rig: Rig,
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
    check: Check,
    remove: Callable[[pytest.MonkeyPatch], None],
    noticed: str,
) -> None:
    remove(monkeypatch)
    with pytest.raises(AssertionError, match=noticed):
        check(sandbox_rig, sandbox)


@pytest.mark.parametrize("place", ["folder"], indirect=True)
def test_a_file_is_durable_before_its_token_is_used(
    sandbox_rig: Rig, sandbox: SandboxServer
) -> None:
    check_durable_file(sandbox_rig, sandbox)


@pytest.mark.parametrize("place", ["table"], indirect=True)
def test_a_row_is_durable_before_its_token_is_used(
    sandbox_rig: Rig, sandbox: SandboxServer
) -> None:
    check_durable_row(sandbox_rig, sandbox)


@pytest.mark.parametrize(
    ("place", "check", "remove", "noticed"),
    [
        pytest.param(
            "folder",
            check_durable_file,
            remove_file_fsync,
            "not durable: open, open, replace, fsync folder",
            id="the fsync of the file",
        ),
        pytest.param(
            "folder",
            check_durable_file,
            remove_folder_fsync,
            "not durable: open, fsync file, open, fsync file, replace",
            id="the fsync of the folder",
        ),
        pytest.param(
            "table",
            check_durable_row,
            remove_synchronous_commit,
            "not durable: .*off",
            id="the durable commit",
        ),
    ],
    indirect=["place"],
)
def test_it_would_be_noticed_to_sync_nothing(
    sandbox_rig: Rig,
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
    check: Check,
    remove: Callable[[pytest.MonkeyPatch], None],
    noticed: str,
) -> None:
    remove(monkeypatch)
    with pytest.raises(AssertionError, match=noticed):
        check(sandbox_rig, sandbox)
