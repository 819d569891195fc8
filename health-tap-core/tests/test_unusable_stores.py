"""A store that cannot be used: a clear message, no request to the vendor, nothing overwritten.

Cases of permission run as an ordinary user: root would be allowed everything.
"""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from health_tap_core.errors import TokenStoreError
from health_tap_core.oauth.codec import KEY_VARIABLE
from health_tap_core.oauth.grant import Grant
from health_tap_core.oauth.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_mock import Mocker

    from .conftest import Child, Rig

TOKEN_URL = "https://vendor.test/token"
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
OTHER_KEY = f"{'A' * 42}8="
TOKENS = {"access_token": "access-2", "refresh_token": "refresh-2", "expires_in": 3600}


def check_refused(rig: Rig, requests_mock: Mocker, message: str) -> None:
    """Whatever the settings: the message, no request, and every byte as it was."""
    requests_mock.post(TOKEN_URL, json=TOKENS)
    before = rig.place.document()
    for seed in (None, "seed-1"):
        with pytest.raises(TokenStoreError, match=message) as caught:
            rig.authenticator(seed).access_token("ana")
        assert "refresh-1" not in str(caught.value)
    assert requests_mock.call_count == 0
    assert rig.place.document() == before


@pytest.mark.parametrize("content", [b"{", b'{"refresh_token":1}', b"[]", b"corrupt"])
def test_a_corrupt_grant(any_rig: Rig, requests_mock: Mocker, content: bytes) -> None:
    any_rig.save(refresh_token="refresh-1")
    any_rig.place.put(content)
    check_refused(any_rig, requests_mock, "is corrupt; it was left as it is")


@pytest.mark.parametrize("content", [b"", b"\0" * 400, b"\xff\xfe"])
def test_a_file_that_the_disk_lost(rig: Rig, requests_mock: Mocker, content: bytes) -> None:
    rig.save(refresh_token="refresh-1")
    rig.place.put(content)
    check_refused(rig, requests_mock, "is corrupt; it was left as it is")


def test_a_truncated_grant(any_rig: Rig, requests_mock: Mocker) -> None:
    any_rig.save(refresh_token="refresh-1")
    document = any_rig.place.document()
    assert document
    any_rig.place.put(document[: len(document) // 2])
    check_refused(any_rig, requests_mock, "is corrupt.*; it was left as it is")


def test_a_missing_key(
    key: str, plain_rig: Rig, monkeypatch: pytest.MonkeyPatch, requests_mock: Mocker
) -> None:
    rig = plain_rig
    assert key
    rig.save(refresh_token="refresh-1")
    monkeypatch.delenv(KEY_VARIABLE)
    check_refused(rig, requests_mock, f"is encrypted, and the environment has no {KEY_VARIABLE}")


def test_a_wrong_key(
    key: str, plain_rig: Rig, monkeypatch: pytest.MonkeyPatch, requests_mock: Mocker
) -> None:
    rig = plain_rig
    rig.save(refresh_token="refresh-1")
    monkeypatch.setenv(KEY_VARIABLE, OTHER_KEY)
    check_refused(rig, requests_mock, f"another key than {KEY_VARIABLE} has; it was left as it is")
    monkeypatch.setenv(KEY_VARIABLE, f"{OTHER_KEY},{key}")
    assert rig.load().refresh_token == "refresh-1"


def test_the_grant_of_another_account(any_rig: Rig, requests_mock: Mocker) -> None:
    with any_rig.store.lock("ben") as held:
        held.save(Grant(refresh_token="refresh-1"))
    any_rig.place.put(any_rig.place.document("ben") or b"")
    check_refused(any_rig, requests_mock, "is that of account 'ben' of Vendor; it was left as it")


def test_a_full_disk(rig: Rig, requests_mock: Mocker) -> None:
    rig.save(refresh_token="refresh-1")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, limits[1]))
    try:
        check_refused(rig, requests_mock, r"written \(File too large\).*disk has room")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_of_the_database(table_rig: Rig, requests_mock: Mocker) -> None:
    table_rig.save(refresh_token="refresh-1")
    assert table_rig.place.database
    table_rig.place.database.execute(
        "create function meta.full() returns trigger language plpgsql as"
        " $$ begin raise exception using errcode = '53100', message = 'no space left'; end $$;"
        "create trigger full_disk before update on meta.oauth_grants"
        " for each row execute function meta.full()"
    )
    check_refused(table_rig, requests_mock, r"cannot be used \(no space left\)")


def test_a_database_that_may_only_be_read(table_rig: Rig, requests_mock: Mocker) -> None:
    table_rig.save(refresh_token="refresh-1")
    table_rig.place.address += "&options=-c%20default_transaction_read_only%3Don"
    check_refused(table_rig, requests_mock, r"cannot execute INSERT in a read-only transaction")


def test_a_database_that_may_only_be_read_still_serves_what_is_stored(
    table_rig: Rig, requests_mock: Mocker
) -> None:
    table_rig.save(refresh_token="r", access_token="access-1", expires_at=table_rig.now + 3600)
    table_rig.place.address += "&options=-c%20default_transaction_read_only%3Don"
    assert table_rig.authenticator(None).access_token("ana") == "access-1"
    assert requests_mock.call_count == 0


def test_a_database_that_is_down(table_rig: Rig, requests_mock: Mocker) -> None:
    table_rig.save(refresh_token="refresh-1")
    assert table_rig.place.database
    subject = table_rig.authenticator("seed-1")
    table_rig.place.database.server.stop()
    # Its port is anybody's now: where a stranger listens, the connection is not refused, but lost.
    with pytest.raises(TokenStoreError, match=r"cannot be used \(connection failed: "):
        subject.access_token("ana")
    assert requests_mock.call_count == 0
    table_rig.place.database.server.start()
    assert table_rig.load().refresh_token == "refresh-1"


@pytest.fixture
def theirs() -> Iterator[Path]:
    """A folder with a grant of an ordinary user, which that user can reach."""
    base = Path(tempfile.mkdtemp())  # pytest's own is closed to others
    base.chmod(0o755)
    folder = base / "grants"
    store = open_store(str(folder), "Vendor")
    with store.lock("ana") as held:
        held.save(Grant(refresh_token="refresh-1"))
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, NOBODY, NOBODY)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(base)


def refresh_as_ordinary_user(child: Child, folder: Path) -> str:
    """What a run says, of user 65534 if the tests run as root; nobody answers its requests."""
    process = child("--ordinary", "refresh", folder, "http://127.0.0.1:1/token", "seed-1", cwd="/")
    said, errors = process.communicate()
    assert process.returncode == 0, errors
    return said


def test_the_ordinary_case_asks_the_vendor(child: Child, theirs: Path) -> None:
    said = refresh_as_ordinary_user(child, theirs)
    assert said.startswith("RefreshFailedError: Account 'ana': Vendor's token endpoint gave no an")


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (0o500, "cannot be written (Permission denied)"),
        (0o000, "cannot be used (Permission denied)"),
    ],
)
def test_a_folder_that_may_not_be_written(child: Child, theirs: Path, mode: int, said: str) -> None:
    before = (theirs / "ana.json").read_bytes()
    theirs.chmod(mode)
    answer = refresh_as_ordinary_user(child, theirs)
    theirs.chmod(0o700)
    assert answer.startswith("TokenStoreError: ")
    assert said in answer
    assert "user id" in answer
    assert (theirs / "ana.json").read_bytes() == before


def test_a_grant_that_its_owner_made_read_only(child: Child, theirs: Path) -> None:
    grant = theirs / "ana.json"
    before = grant.read_bytes()
    grant.chmod(0o400)
    said = refresh_as_ordinary_user(child, theirs)
    assert said.startswith("TokenStoreError: ")
    assert "cannot be used (it is read-only)" in said
    assert grant.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ana.json", "ana.json cannot be used (it belongs to user id 0)"),
        ("ana.lock", "cannot be written (Permission denied)"),
        ("ana.new", "ana.new cannot be used (it belongs to user id 0)"),
    ],
)
@as_root
def test_a_file_that_another_user_left(child: Child, theirs: Path, name: str, said: str) -> None:
    path = theirs / name
    path.touch()
    path.chmod(0o600)
    os.chown(path, 0, 0)
    before = {left.name: left.read_bytes() for left in theirs.iterdir()}
    answer = refresh_as_ordinary_user(child, theirs)
    assert answer.startswith("TokenStoreError: ")
    assert said in answer
    assert {left.name: left.read_bytes() for left in theirs.iterdir()} == before
    assert path.stat().st_uid == 0


@as_root
def test_a_grant_of_another_user_is_not_taken_over_by_root(rig: Rig, requests_mock: Mocker) -> None:
    rig.save(refresh_token="refresh-1")
    path = Path(rig.place.address, "ana.json")
    os.chown(path, NOBODY, NOBODY)
    check_refused(rig, requests_mock, f"it belongs to user id {NOBODY}")
    assert path.stat().st_uid == NOBODY
