"""What every token store does, in a folder or in PostgreSQL, with a key or without."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from health_tap_core.errors import GrantChangedError, TokenStoreError
from health_tap_core.oauth.codec import KEY_VARIABLE
from health_tap_core.oauth.grant import Grant
from health_tap_core.oauth.stores import base

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from health_tap_core.oauth.stores.base import TokenStore

    from .conftest import Child, Place

GRANT = Grant(
    client="c",
    user_id="7",
    refresh_token="r-1",
    previous_refresh_token="r-0",
    access_token="a-1",
    expires_at=10.5,
    scope="offline",
    obtained_at=9.25,
    seed_hash="s",
    dead_since=11.0,
)


def save(store: TokenStore, grant: Grant = GRANT, account: str = "ana") -> Grant:
    with store.lock(account) as held:
        return held.save(grant)


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_what_is_saved_is_loaded_by_whoever_opens_the_store(any_place: Place) -> None:
    assert any_place.store().load("ana") is None
    saved = save(any_place.store())
    assert saved == replace(GRANT, provider="Vendor", account="ana", version=1)
    assert any_place.store().load("ana") == saved
    assert any_place.store().load("ben") is None


def test_accounts_are_those_with_a_grant_in_order(any_place: Place) -> None:
    store = any_place.store()
    assert store.accounts() == []
    for account in ("zoe", "ana", "Ben"):
        save(store, account=account)
    assert sorted(store.accounts()) == ["Ben", "ana", "zoe"]
    assert store.accounts() == any_place.store().accounts()


def test_vendors_do_not_see_each_others_rows(table: Place) -> None:
    save(table.store())
    assert table.store("Other").accounts() == []
    assert table.store("Other").load("ana") is None


def test_only_the_version_that_was_shown_is_replaced(any_place: Place) -> None:
    store = any_place.store()
    first = save(store)
    second = save(store, replace(first, refresh_token="r-2"))
    assert second.version == 2
    before = any_place.document()
    for stale in (first, replace(first, version=0), replace(first, version=3)):
        with pytest.raises(GrantChangedError, match=r"ana.* was replaced by another process"):
            save(store, stale)
    assert any_place.document() == before
    assert store.load("ana") == second


def test_whoever_was_refused_may_read_and_save_what_is_stored_now(any_place: Place) -> None:
    store = any_place.store()
    first = save(store)
    save(store, first)
    with store.lock("ana") as held:
        with pytest.raises(GrantChangedError):
            held.save(first)
        current = held.load()
        assert current
        assert held.save(current).version == 3


def test_a_lock_that_ends_without_a_save_leaves_nothing(any_place: Place) -> None:
    store = any_place.store()
    with store.lock("ana") as held:
        held.reserve()
    assert store.load("ana") is None
    assert store.accounts() == []
    assert any_place.document() is None
    assert save(store).version == 1


def test_a_held_grant_is_read_as_it_is_stored(any_place: Place) -> None:
    with any_place.store().lock("ana") as held:
        assert held.load() is None
        held.reserve()
        assert held.load() is None
        saved = held.save(GRANT)
        assert held.load() == saved


def test_a_forgotten_grant_is_gone_and_a_new_one_may_begin(any_place: Place) -> None:
    store = any_place.store()
    save(store, save(store))
    with store.lock("ana") as held:
        held.forget()
    assert store.load("ana") is None
    assert store.accounts() == []
    assert any_place.document() is None
    assert save(store).version == 1


def test_an_unreadable_grant_is_forgotten_too(any_place: Place) -> None:
    store = any_place.store()
    save(store)
    any_place.put(b"{ broken")
    with store.lock("ana") as held:
        held.forget()
    assert store.load("ana") is None


def test_reading_needs_no_lock(any_place: Place) -> None:
    store = any_place.store()
    saved = save(store)
    with store.lock("ana") as held:
        held.reserve()
        assert any_place.store().load("ana") == saved
        assert any_place.store().accounts() == ["ana"]


def test_the_lock_keeps_other_processes_out_until_it_is_released_or_its_holder_killed(
    place: Place, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = place.store()
    save(store)
    holders = [child("hold", place.address, "ana")]
    assert read_line(holders[0]) == "held"
    monkeypatch.setattr(base, "LOCK_TIMEOUT", 0.2)
    with (
        pytest.raises(TokenStoreError, match=r"Another process has been .* the grant .*run again"),
        store.lock("ana"),
    ):
        pytest.fail("two hold the grant")
    with store.lock("ben"):  # another account's is free
        pass
    monkeypatch.setattr(base, "LOCK_TIMEOUT", 20)
    holders[0].kill()
    with store.lock("ana") as held:
        assert held.load()


def test_the_lock_keeps_other_threads_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    store = place.store()
    monkeypatch.setattr(base, "LOCK_TIMEOUT", 0.2)
    refused: list[str] = []

    def try_it(theirs: TokenStore) -> None:
        try:
            with theirs.lock("ana"):
                refused.append("nothing")
        except TokenStoreError as error:
            refused.append(str(error))

    with store.lock("ana"):
        for theirs in (store, place.store()):
            thread = threading.Thread(target=try_it, args=(theirs,))
            thread.start()
            thread.join()
    assert ["Another process" in message for message in refused] == [True, True]
    try_it(store)
    assert refused[2] == "nothing"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_the_lock_is_released_whatever_ends_it(
    place: Place, error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "LOCK_TIMEOUT", 0.2)

    def fail() -> None:
        with place.store().lock("ana") as held:
            held.reserve()
            raise error

    with pytest.raises(error):
        fail()
    assert save(place.store()).version == 1


def test_many_processes_and_threads_lose_no_write_not_even_the_first(
    place: Place, child: Child
) -> None:
    processes = [child("count", place.address, "ana", 4) for _ in range(3)]
    assert [read_line(process) for process in processes] == ["ready"] * 3
    store = place.store()

    def save_twice() -> None:
        for _ in range(2):
            with store.lock("ana") as held:
                held.save(held.load() or GRANT)

    threads = [threading.Thread(target=save_twice) for _ in range(3)]
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0] * 3
    stored = store.load("ana")
    assert stored
    assert stored.version == 3 * 4 + 3 * 2


def test_a_copy_for_another_account_or_vendor_is_refused_and_left(any_place: Place) -> None:
    store = any_place.store()
    save(store)
    copy = any_place.document()
    assert copy
    any_place.put(copy, "ben")
    refusal = r"is that of account 'ana' of Vendor; it was left as it is"
    with pytest.raises(TokenStoreError, match=refusal):
        store.load("ben")
    with store.lock("ben") as held, pytest.raises(TokenStoreError, match=refusal):
        held.load()
    assert any_place.document("ben") == copy
    if not any_place.database:
        with pytest.raises(TokenStoreError, match="is that of account 'ana' of Vendor"):
            any_place.store("Other").load("ana")


@pytest.mark.parametrize("account", ["a.json", "a.new", "a.lock", "A-b_c.d", "0", "x" * 63])
def test_every_account_name_that_a_tap_accepts_can_be_kept(place: Place, account: str) -> None:
    store = place.store()
    neighbours = ["a", "ana"]
    for name in (*neighbours, account):
        save(store, replace(GRANT, refresh_token=f"r-{name}"), name)
    assert set(store.accounts()) == {*neighbours, account}
    for name in (*neighbours, account):
        found = store.load(name)
        assert found
        assert found.refresh_token == f"r-{name}"
        assert name in store.place(name)


def test_large_tokens_are_kept_and_shrink_again(any_place: Place) -> None:
    store = any_place.store()
    large = replace(GRANT, refresh_token="r" * 4096, access_token="a" * 4096)
    saved = save(store, large)
    assert store.load("ana") == saved
    small = save(store, replace(saved, refresh_token="r", access_token="a"))
    assert any_place.store().load("ana") == small


def test_quotes_per_cents_and_backslashes_are_kept(any_place: Place) -> None:
    store = any_place.store()
    odd = save(store, replace(GRANT, refresh_token="%s'; drop table x -- \\ \" ü % {}"))
    assert store.load("ana") == odd


def test_with_a_key_no_token_is_stored_in_clear(place: Place, key: str) -> None:
    save(place.store())
    document = place.document()
    assert document
    assert document.startswith(b"gAAAAA")
    for clear in (b"r-1", b"r-0", b"a-1", b"ana", key.encode()):
        assert clear not in document
    assert place.store().is_encrypted("ana")


def test_without_a_key_one_warning_a_process_names_the_place_and_the_variable(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(base.HeldGrant, "_warned", False)
    for account in ("ana", "ben"):
        save(place.store(), account=account)
    (warning,) = caplog.messages
    assert KEY_VARIABLE in warning
    assert place.store().place("ana") in warning
    assert "r-1" not in warning
    assert not place.store().is_encrypted("ana")


def test_with_a_key_there_is_no_warning(
    folder: Place,
    key: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert key
    monkeypatch.setattr(base.HeldGrant, "_warned", False)
    save(folder.store())
    assert caplog.messages == []


def test_a_grant_in_plain_text_is_encrypted_by_the_next_save_with_a_key(
    place: Place, request: pytest.FixtureRequest
) -> None:
    saved = save(place.store())
    request.getfixturevalue("key")
    assert place.store().load("ana") == saved
    save(place.store(), saved)
    assert b"r-1" not in (place.document() or b"")


def test_no_grant_and_no_place_shows_a_token_or_a_password(place: Place, tmp_path: Path) -> None:
    saved = save(place.store())
    assert "r-1" not in f"{saved!r} {saved}"
    assert "a-1" not in f"{saved!r} {saved}"
    if place.database:
        password = place.database.server.connection().password
        assert password not in place.store().place("ana")
        assert "PostgreSQL on demo" in place.store().place("ana")
    else:
        assert place.store().place("ana").startswith(str(tmp_path))
