"""Accounts are partitions: a grant, a bookmark and rows in the sync log for each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from health_tap_core.oauth.grant import Grant
from health_tap_core.oauth.stores import open_store

if TYPE_CHECKING:
    from .conftest import Setup


def log_in(setup: Setup, account: str, member: str) -> None:
    """Give an account a grant of its own, as a login leaves it."""
    granted = setup.sandbox.grant(member)
    with open_store(setup.config["token_store"], "WHOOP").lock(account) as held:
        stored = held.load()
        version = stored.version if stored else 0
        held.save(Grant(refresh_token=str(granted["refresh_token"]), version=version))


@pytest.fixture
def both(ana: Setup) -> Setup:
    ana.config["start_date"] = "2026-05-01"
    del ana.config["refresh_token"]
    ana.config["accounts"] = ["ana", "ben"]
    log_in(ana, "ana", "ana")
    log_in(ana, "ben", "ben")
    return ana


def test_each_account_has_its_grant_its_bookmark_and_its_rows(both: Setup) -> None:
    result = both.sync()
    assert result.error is None
    bookmarks = {result.bookmark("cycles", account) for account in ("ana", "ben")}
    assert None not in bookmarks
    for stream in ("cycles", "sleeps", "user_basic_profile", "sync_windows"):
        rows = result.records(stream)
        users = {
            account: {r["user_id"] for r in rows if r["account"] == account}
            for account in ("ana", "ben")
        }
        assert all(len(ids) == 1 for ids in users.values())
        assert users["ana"] != users["ben"]
        assert len(rows) == sum(row["account"] in users for row in rows)
    tokens = [r for r in both.sandbox.requests() if r["path"].endswith("/oauth2/token")]
    assert sorted(str(request["member"]) for request in tokens) == ["ana", "ben"]


def test_an_account_that_comes_later_reads_its_history_and_moves_no_other(both: Setup) -> None:
    first = both.sync(accounts=["ana"])
    both.sandbox.advance(60)
    second = both.sync()
    kinds = {
        (r["account"], r["kind"]) for r in second.records("sync_windows") if r["stream"] == "cycles"
    }
    assert kinds == {("ana", "incremental"), ("ben", "backfill")}
    assert second.bookmark("cycles", "ana") != first.bookmark("cycles", "ana")
    third = both.sync(accounts=["ben"])
    assert third.bookmark("cycles", "ana") == second.bookmark("cycles", "ana")


def test_many_accounts_share_states_and_none_is_left_out(both: Setup) -> None:
    names = [str(member["name"]) for member in both.sandbox.members()][:9]
    for name in names:
        log_in(both, name, name)
    result = both.sync(accounts=names, start_date="2026-06-01T11:59:00Z")
    assert result.error is None
    assert not result.records("workouts")  # the last stream, of which nothing asks for a state
    streams = ("cycles", "recoveries", "sleeps", "workouts")
    assert None not in {result.bookmark(stream, name) for stream in streams for name in names}
    states = [message for message in result.messages if message["type"] == "STATE"]
    assert len(states) < len(streams) * len(names)


def test_a_dead_grant_stops_no_other_is_marked_and_named_with_its_login(
    both: Setup, caplog: pytest.LogCaptureFixture
) -> None:
    before = both.sync()
    both.sandbox.revoke("ana")
    both.sandbox.advance(7200)
    after = both.sync()
    status = {(r["account"], r["status"], r["error"]) for r in after.records("sync_windows")}
    assert status == {("ana", "failed", "grant_dead"), ("ben", "complete", None)}
    assert after.bookmark("cycles", "ana") == before.bookmark("cycles", "ana")
    assert after.bookmark("cycles", "ben") != before.bookmark("cycles", "ben")
    assert "Log in again: tap-whoop-auth login --account ana" in caplog.text
    both.sandbox.clear_requests()
    both.sync()
    assert not [r for r in both.sandbox.requests() if r["path"].endswith("/oauth2/token")]
    log_in(both, "ana", "ana")
    healed = both.sync()
    assert healed.error is None
    assert healed.bookmark("cycles", "ana") != before.bookmark("cycles", "ana")


def test_state_names_accounts_but_no_user_and_no_secret(both: Setup) -> None:
    result = both.sync()
    said = json.dumps(result.state)
    users = {str(member["user_id"]) for member in both.sandbox.members()}
    assert "ben" in said
    assert not [secret for secret in (*users, *both.sandbox.secrets()) if secret in said]


def test_metrics_and_logs_name_no_user_and_no_secret(
    both: Setup, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        both.sync()
    said = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    users = {str(member["user_id"]) for member in both.sandbox.members()}
    assert "METRIC" in said
    secrets = [secret for secret in both.sandbox.secrets() if secret != "sandbox-client"]
    assert not [secret for secret in (*users, *secrets) if secret in said]


def test_two_accounts_of_one_person_are_refused(both: Setup) -> None:
    log_in(both, "again", "ana")
    result = both.sync(accounts=["ana", "again"])
    status = {(r["account"], r["status"], r["error"]) for r in result.records("sync_windows")}
    assert status == {("ana", "complete", None), ("again", "failed", "duplicate_user")}


def test_a_login_of_another_app_is_neither_used_nor_replaced(both: Setup) -> None:
    both.sync()
    result = both.sync(client_id="another-client")
    status = {(r["account"], r["error"]) for r in result.records("sync_windows")}
    assert status == {("ana", "token_store"), ("ben", "token_store")}
    assert both.sync().error is None
