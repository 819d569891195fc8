"""What every token store does, in a folder or in PostgreSQL, with a key or without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from health_tap_core.errors import GrantChangedError, TokenStoreError
from health_tap_core.oauth.codec import KEY_VARIABLE, is_encrypted
from health_tap_core.oauth.grant import Grant
from health_tap_core.oauth.stores import base

if TYPE_CHECKING:
    from pathlib import Path

    from health_tap_core.oauth.stores.base import TokenStore

    from .conftest import Place

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
    assert is_encrypted(place.store().read("ana") or b"")


def test_without_a_key_one_warning_a_process_names_the_place_and_the_variable(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING")
    monkeypatch.setattr(base.HeldGrant, "_warned", False)
    for account in ("ana", "ben"):
        save(place.store(), account=account)
    (warning,) = caplog.messages
    assert KEY_VARIABLE in warning
    assert place.store().place("ana") in warning
    assert "r-1" not in warning
    assert not is_encrypted(place.store().read("ana") or b"")


def test_with_a_key_there_is_no_warning(
    folder: Place,
    key: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert key
    caplog.set_level("WARNING")
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
