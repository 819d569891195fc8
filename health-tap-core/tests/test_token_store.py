from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from health_tap_core.errors import TokenStoreError
from health_tap_core.grant import Grant
from health_tap_core.token_store import FileTokenStore

GRANT = Grant(refresh_token="r-1", access_token="a-1", expires_at=10.5, scope="offline")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def store(tmp_path: Path) -> FileTokenStore:
    return FileTokenStore(tmp_path / "deep" / "grants")


def save(store: FileTokenStore, grant: Grant = GRANT) -> Path:
    with store.lock("ana"):
        store.save("ana", grant)
    return next(store._folder.glob("*.json"))


def test_what_is_saved_is_loaded(store: FileTokenStore) -> None:
    assert store.load("ana") is None
    save(store)
    assert store.load("ana") == GRANT
    assert store.load("ben") is None


def test_folder_and_file_are_for_their_owner_only(store: FileTokenStore) -> None:
    path = save(store)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(f.stat().st_mode) == 0o600 for f in path.parent.iterdir())


def test_a_save_is_durable_before_it_returns(
    store: FileTokenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    fsync, replace = os.fsync, os.replace

    def recorded_fsync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        calls.append("fsync folder" if is_folder else "fsync file")
        fsync(descriptor)

    def recorded_replace(source: str, target: Path) -> None:
        calls.append("replace")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(os, "replace", recorded_replace)
    save(store)
    assert calls == ["fsync file", "replace", "fsync folder"]


def test_a_failed_save_leaves_the_old_grant_and_no_litter(
    store: FileTokenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(store)

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(TokenStoreError, match=r"cannot be written \(No space left on device\)"):
        save(store, Grant(refresh_token="r-2"))
    assert store.load("ana") == GRANT
    assert {f.suffix for f in path.parent.iterdir()} == {".json", ".lock"}


@pytest.mark.parametrize("content", [b"", b"{", b'{"refresh_token":1}', b"\xff\xfe", b"[]"])
def test_a_corrupt_file_is_named_and_left_alone(store: FileTokenStore, content: bytes) -> None:
    path = save(store)
    path.write_bytes(content)
    with pytest.raises(TokenStoreError, match="is corrupt; it was left as it is") as caught:
        store.load("ana")
    assert str(path) in str(caught.value)
    assert path.read_bytes() == content


def test_a_read_only_file_is_respected(store: FileTokenStore) -> None:
    save(store).chmod(0o400)
    with pytest.raises(TokenStoreError, match=r"cannot be used \(it is read-only\)"):
        store.load("ana")


@as_root
def test_a_file_of_another_user_is_not_taken_over(store: FileTokenStore) -> None:
    path = save(store)
    os.chown(path, 65534, 65534)
    with pytest.raises(TokenStoreError, match="it belongs to user id 65534"):
        store.load("ana")


_AS_NOBODY = """
import os, sys
from pathlib import Path
from health_tap_core.errors import TokenStoreError
from health_tap_core.token_store import FileTokenStore
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
store = FileTokenStore(Path(sys.argv[1]))
try:
    with store.lock("ana"):
        store.load("ana")
except TokenStoreError as error:
    print(error)
"""


@as_root
@pytest.mark.parametrize(
    ("folder_mode", "folder_owner", "expected"),
    [
        (0o755, 0, "cannot be written (Permission denied)"),
        (0o777, 0, "cannot be used (it belongs to user id 0)"),
    ],
)
def test_an_ordinary_user_is_told_what_to_mend(
    folder_mode: int, folder_owner: int, expected: str
) -> None:
    # Not tmp_path: pytest keeps that from other users.
    base = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    try:
        base.chmod(0o755)
        store = FileTokenStore(base / "grants")
        path = save(store)
        path.with_suffix(".lock").unlink()
        path.parent.chmod(folder_mode)
        os.chown(path.parent, folder_owner, folder_owner)
        said = subprocess.run(
            [sys.executable, "-c", _AS_NOBODY, str(path.parent)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert expected in said
        assert "r-1" not in said
        assert store.load("ana") == GRANT
    finally:
        subprocess.run(["rm", "-rf", str(base)], check=True)
