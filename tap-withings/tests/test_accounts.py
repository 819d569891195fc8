"""Accounts are partitions, and the grant says who is behind each: no request asks for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from health_tap_core.oauth.grant import Grant
from health_tap_core.oauth.stores import open_store

if TYPE_CHECKING:
    from .conftest import Setup


def take_over(setup: Setup, account: str, member: str) -> None:
    """Give an account tokens alone, as an import from another tool leaves them."""
    granted = setup.sandbox.grant(member)
    with open_store(setup.config["token_store"], "Withings").lock(account) as held:
        held.save(
            Grant(
                refresh_token=str(granted["refresh_token"]),
                access_token=granted["access_token"],
                expires_at=4e9,
            )
        )


@pytest.fixture
def both(ana: Setup) -> Setup:
    ana.config["start_date"] = "2026-05-01"
    del ana.config["refresh_token"]
    ana.config["accounts"] = ["ana", "hal"]
    take_over(ana, "ana", "ana")
    take_over(ana, "hal", "hal")
    return ana


def test_each_account_has_its_grant_its_bookmark_and_its_rows(both: Setup) -> None:
    result = both.sync()
    assert result.error is None
    numbers = {m["name"]: str(m["user_id"]) for m in both.sandbox.members()}
    assert None not in {result.bookmark("measure_groups", account) for account in ("ana", "hal")}
    for stream in ("measure_groups", "measures", "devices", "goals", "profile", "sync_windows"):
        rows = result.records(stream)
        for account in ("ana", "hal"):
            assert {r["user_id"] for r in rows if r["account"] == account} == {numbers[account]}


def test_tokens_without_a_user_are_renewed_once_to_learn_who_it_is(both: Setup) -> None:
    both.sync()
    tokens = [r["member"] for r in both.sandbox.requests() if r["path"].endswith("/oauth2")]
    assert sorted(tokens) == ["ana", "hal"]
    both.sandbox.clear_requests()
    both.sync()
    assert not [r for r in both.sandbox.requests() if r["path"].endswith("/oauth2")]


def test_two_accounts_of_one_person_are_refused(both: Setup) -> None:
    take_over(both, "again", "ana")
    result = both.sync(accounts=["ana", "again"])
    status = {(r["account"], r["status"], r["error"]) for r in result.records("sync_windows")}
    assert status == {("ana", "complete", None), ("again", "failed", "duplicate_user")}


def test_another_person_under_the_same_name_gets_the_whole_history(
    ana: Setup, caplog: pytest.LogCaptureFixture
) -> None:
    ana.sync()
    ana.connect("hal")
    result = ana.sync()
    assert len(result.rows("measure_groups")) > 100
    assert "is somebody else's, who was logged in" in caplog.text
    assert not ana.sync().rows("measure_groups")


def test_state_names_accounts_but_no_user_and_no_secret(both: Setup) -> None:
    said = json.dumps(both.sync().state)
    users = {str(member["user_id"]) for member in both.sandbox.members()}
    assert "hal" in said
    assert not [secret for secret in (*users, *both.sandbox.secrets()) if secret in said]
