"""The folder of grants: who may read it, what a crash leaves, what is durable when."""

from __future__ import annotations

import os
import resource
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from health_tap_core.errors import TokenStoreError
from health_tap_core.oauth.codec import KEY_VARIABLE, GrantCodec
from health_tap_core.oauth.grant import Grant
from health_tap_core.oauth.stores.file import RESERVE, FileTokenStore

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = f"{'A' * 42}8="
GRANT = Grant(refresh_token="r-1", access_token="a-1", expires_at=10.5, scope="offline")


@pytest.fixture
def store(tmp_path: Path) -> FileTokenStore:
    return FileTokenStore(tmp_path / "deep" / "grants", "Vendor", GrantCodec())


def save(store: FileTokenStore, grant: Grant = GRANT) -> Grant:
    with store.lock("ana") as held:
        return held.save(grant)


def names(store: FileTokenStore) -> list[str]:
    return sorted(path.name for path in store.folder.iterdir())


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The system calls that make a file durable, in order."""
    made: list[str] = []
    real_open, real_fsync, real_replace = os.open, os.fsync, os.replace

    def recorded_open(path: str | Path, flags: int, mode: int = 0o777) -> int:
        if str(path).endswith(".new"):
            made.append(f"open {Path(path).name}")
        return real_open(path, flags, mode)

    def recorded_fsync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        made.append("fsync folder" if is_folder else "fsync file")
        real_fsync(descriptor)

    def recorded_replace(source: Path, target: Path) -> None:
        made.append(f"replace {Path(target).name}")
        real_replace(source, target)

    monkeypatch.setattr(os, "open", recorded_open)
    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(os, "replace", recorded_replace)
    return made


WRITE = ["open ana.new", "fsync file", "replace ana.json", "fsync folder"]


def test_folder_and_files_are_for_their_owner_only(store: FileTokenStore) -> None:
    old = os.umask(0)
    try:
        save(store)
    finally:
        os.umask(old)
    assert names(store) == ["ana.json", "ana.lock"]
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in store.folder.iterdir()} == {0o600}


def test_a_save_is_durable_before_it_returns(store: FileTokenStore, calls: list[str]) -> None:
    save(store)
    assert calls == WRITE


def test_room_is_durably_set_aside_before_and_given_back_after(
    store: FileTokenStore, calls: list[str]
) -> None:
    with store.lock("ana") as held:
        held.reserve()
        assert store.path("ana", ".new").read_bytes() == bytes(RESERVE)
        assert calls == ["open ana.new", "fsync file"]
        saved = held.save(GRANT)
        assert calls[2:] == WRITE
    assert store.load("ana") == saved
    assert names(store) == ["ana.json", "ana.lock"]
    with store.lock("ana") as held:
        held.reserve()
    assert names(store) == ["ana.json", "ana.lock"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_grant_that_was_written_but_not_put_in_place_is_taken_up_later(
    store: FileTokenStore, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    saved = save(store)
    before = store.read("ana")

    def broken_disk(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with store.lock("ana") as held:
        held.reserve()
        with monkeypatch.context() as patched:
            patched.setattr(os, step, broken_disk)
            with pytest.raises(TokenStoreError, match=r"written \(Input/output error\)"):
                held.save(replace(saved, refresh_token="r-2"))
    assert store.read("ana") == before
    with store.lock("ana") as held:
        found = held.load()
    assert found
    assert (found.refresh_token, found.version) == ("r-2", 2)
    assert names(store) == ["ana.json", "ana.lock"]


def test_a_grant_that_was_written_in_part_leaves_the_old_one(store: FileTokenStore) -> None:
    saved = save(store)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, limits[1]))
    try:
        with store.lock("ana") as held, pytest.raises(TokenStoreError, match="File too large"):
            held.save(replace(saved, refresh_token="r" * 4096))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with store.lock("ana") as held:
        assert held.load() == saved
    assert names(store) == ["ana.json", "ana.lock"]


@pytest.mark.parametrize("key", ["", KEY])
@pytest.mark.parametrize("first", [True, False])
def test_what_a_crash_left_complete_is_taken_up_and_made_durable(
    store: FileTokenStore, calls: list[str], key: str, first: bool
) -> None:
    store.codec = GrantCodec(key)
    saved = replace(GRANT, version=0) if first else save(store)
    crashed = replace(saved, refresh_token="r-2", version=saved.version + 1)
    store.folder.mkdir(parents=True, exist_ok=True)
    store.path("ana", ".new").write_bytes(store.codec.encode(crashed))
    calls.clear()
    with store.lock("ana") as held:
        assert held.load() == crashed
    assert calls == WRITE
    assert names(store) == ["ana.json", "ana.lock"]


def test_a_crash_before_the_rest_of_the_reserve_was_cut_off_loses_nothing(
    store: FileTokenStore,
) -> None:
    crashed = replace(save(store), refresh_token="r-2", version=2)
    document = store.codec.encode(crashed)
    store.path("ana", ".new").write_bytes(document.ljust(RESERVE, b"\0"))
    with store.lock("ana") as held:
        assert held.load() == crashed
    assert store.read("ana") == document


def torn(store: FileTokenStore) -> Iterator[tuple[str, bytes]]:
    """What must never be taken up."""
    saved = save(store)
    whole = store.codec.encode(replace(saved, version=2))
    yield "empty", b""
    yield "a reserve", bytes(RESERVE)
    yield "torn", whole[:-1]
    yield "torn, within the reserve", whole[:-9].ljust(RESERVE, b"\0")
    yield "older", store.codec.encode(saved)
    yield "far newer", store.codec.encode(replace(saved, version=3))
    yield "another account's", store.codec.encode(replace(saved, version=2, account="ben"))
    yield "another vendor's", store.codec.encode(replace(saved, version=2, provider="Other"))


@pytest.mark.parametrize("key", ["", KEY])
def test_what_a_crash_left_otherwise_is_removed(store: FileTokenStore, key: str) -> None:
    store.codec = GrantCodec(key)
    for what, content in torn(store):
        before = store.read("ana")
        store.path("ana", ".new").write_bytes(content)
        with store.lock("ana"):
            assert not store.path("ana", ".new").exists(), what
        assert store.read("ana") == before, what


@pytest.mark.parametrize("wrong", ["", f"b{KEY[1:]}"])
@pytest.mark.parametrize("first", [True, False])
def test_with_a_wrong_key_nothing_that_may_be_a_grant_is_removed(
    store: FileTokenStore, wrong: str, first: bool
) -> None:
    saved = GRANT if first else save(store)
    store.folder.mkdir(parents=True, exist_ok=True)
    left = store.path("ana", ".new")
    left.write_bytes(GrantCodec(KEY).encode(replace(saved, version=saved.version + 1)))
    content = left.read_bytes()
    store.codec = GrantCodec(wrong)
    with store.lock("ana") as held:
        with pytest.raises(TokenStoreError, match=rf"ana\.new .*{KEY_VARIABLE}"):
            held.load()
        with pytest.raises(TokenStoreError, match=r"ana\.new"):
            held.save(saved)
    assert left.read_bytes() == content
    store.codec = GrantCodec(KEY)
    with store.lock("ana") as held:
        grant = held.load()
        assert grant
        assert grant.version == saved.version + 1


def test_beside_an_unreadable_grant_nothing_is_decided_but_it_can_be_forgotten(
    store: FileTokenStore,
) -> None:
    saved = save(store)
    left = store.path("ana", ".new")
    left.write_bytes(store.codec.encode(replace(saved, version=2)))
    store.path("ana").write_bytes(b"{")
    with store.lock("ana") as held:
        with pytest.raises(TokenStoreError, match="is corrupt"):
            held.load()
        assert left.exists()
        held.forget()
    assert names(store) == ["ana.lock"]


def test_a_grant_of_the_next_key_is_left_to_who_has_it(store: FileTokenStore) -> None:
    store.codec = GrantCodec(KEY)
    saved = save(store)
    newer = replace(saved, version=saved.version + 1, refresh_token="r-2")
    other = f"b{KEY[1:]}"
    store.path("ana", ".new").write_bytes(GrantCodec(f"{other},{KEY}").encode(newer))
    with pytest.raises(TokenStoreError, match=r"ana\.new"), store.lock("ana") as held:
        held.load()
    store.codec = GrantCodec(f"{other},{KEY}")
    with store.lock("ana") as held:
        assert held.load() == newer


def test_what_cannot_be_decided_can_still_be_forgotten(store: FileTokenStore) -> None:
    store.folder.mkdir(parents=True)
    store.path("ana", ".new").write_bytes(GrantCodec(KEY).encode(replace(GRANT, version=1)))
    with store.lock("ana") as held:
        held.forget()
        assert held.load() is None
    assert names(store) == ["ana.lock"]


def test_forgetting_is_durable(store: FileTokenStore, calls: list[str]) -> None:
    save(store)
    calls.clear()
    with store.lock("ana") as held:
        held.forget()
    assert calls == ["fsync folder"]


def test_a_relative_folder_and_a_link_to_a_folder_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    saved = save(FileTokenStore(Path("link"), "Vendor", GrantCodec()))
    assert FileTokenStore(tmp_path / "real", "Vendor", GrantCodec()).load("ana") == saved


@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_what_is_no_folder_is_named_and_left(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "grants"
    if kind == "file":
        path.write_text("mine")
    else:
        path.symlink_to("nowhere")
    store = FileTokenStore(path, "Vendor", GrantCodec())
    with pytest.raises(TokenStoreError, match=f"token store {path} cannot be written"):
        save(store)
    assert path.is_symlink() or path.read_text() == "mine"


def test_without_room_nothing_is_reserved_and_nothing_left(store: FileTokenStore) -> None:
    saved = save(store)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (RESERVE - 1, limits[1]))
    try:
        with store.lock("ana") as held:
            with pytest.raises(TokenStoreError, match=r"cannot be written \(File too large\)"):
                held.reserve()
            assert held.load() == saved
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert names(store) == ["ana.json", "ana.lock"]
    assert store.load("ana") == saved
