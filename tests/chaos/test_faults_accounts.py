"""Grants that end or cannot be renewed, and accounts that get in each other's way."""

from __future__ import annotations

import json
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from .household import Household
from .invariants import state_is_not_ahead
from .reliability import cell
from .strikes import (
    BOTH,
    Settings,
    assert_works,
    each,
    failures,
    last_words,
    one_service,
    state_of,
    survived,
)
from .vendors import WHOOP, WITHINGS

if TYPE_CHECKING:
    from .cell import Cell
    from .sync import State, Sync
    from .vendors import Oracle, Vendor
    from .world import World

GROUP = "Faults of grants and accounts"
#: Seconds after which no access token lives.
EXPIRED = 4 * 3600.0
TOKENS = {WHOOP: "*/oauth2/token", WITHINGS: "*/v2/oauth2"}


def accounts(vendor: Vendor, *names: str) -> Settings:
    """Settings of a run of these accounts, all of which have logged in."""
    return {
        f"{vendor.prefix}ACCOUNTS": json.dumps(names),
        f"{vendor.prefix}REFRESH_TOKEN": "",
    }


def log_in(struck: Cell, vendor: Vendor, account: str, member: str) -> None:
    """Connect a member under a name, and sync once."""
    token: Any = struck.sandbox.grant(member)["refresh_token"]
    settings = accounts(vendor, account) | {f"{vendor.prefix}REFRESH_TOKEN": token}
    assert_works(struck.sync(**settings))


def log_in_again(struck: Cell, vendor: Vendor, member: str = "ana") -> None:
    """Connect a member under the name that runs use; no sync."""
    token = struck.sandbox.grant(member)["refresh_token"]
    struck.environment[f"{vendor.prefix}REFRESH_TOKEN"] = str(token)


def assert_all_failed(done: Sync, struck: Cell, error: str) -> None:
    """Nothing could be read, for one reason that was said."""
    assert (done.tap.code, done.loader.code) == (1, 0), last_words(done)
    found = failures(struck)
    assert found.keys() >= struck.oracle.keys.keys(), found
    assert set(found.values()) == {error}, found


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "503": ({"kind": "status", "status": 503}, "answered 503"),
    "HTML with 200": ({"kind": "html"}, "not with tokens"),
    "connection reset": ({"kind": "reset"}, "gave no answer"),
}


@pytest.mark.parametrize(
    ("vendor", "fault", "words"),
    [
        cell(
            GROUP,
            f"{vendor.words}: refresh, {name}",
            vendor,
            fault,
            words,
            quick=(vendor, name) == (WITHINGS, "503"),
        )
        for vendor in BOTH
        for name, (fault, words) in REFUSALS.items()
    ],
)
def test_a_refresh_that_fails_is_not_repeated_blindly(
    world: World, vendor: Vendor, fault: dict[str, Any], words: str
) -> None:
    with survived(world, vendor) as struck:
        assert_works(struck.sync())
        before = struck.state
        struck.wait(EXPIRED)
        struck.sandbox.add_fault(TOKENS[vendor], **fault, times=None)
        struck.server.clear_requests()
        done = struck.sync()
        assert_all_failed(done, struck, "refresh_failed")
        assert words in done.said
        asked = [request["path"] for request in struck.server.requests()]
        assert sum("oauth2" in path for path in asked) <= 1
        assert state_of(struck, one_service(vendor)[1]) == state_of(
            replace(struck, state=before), one_service(vendor)[1]
        )


@pytest.mark.cell(GROUP, "Withings: refresh, answer lost")
@pytest.mark.soak
def test_withings_takes_the_token_before_once_more(world: World) -> None:
    with survived(world, WITHINGS) as struck:
        assert_works(struck.sync())
        struck.wait(EXPIRED)
        struck.sandbox.add_fault(TOKENS[WITHINGS], "lost_answer")
        assert_all_failed(struck.sync(), struck, "refresh_failed")


@pytest.mark.cell(GROUP, "WHOOP: refresh, answer lost, logged in again")
@pytest.mark.soak
def test_at_whoop_somebody_has_to_log_in_again(world: World) -> None:
    with survived(world, WHOOP) as struck:
        assert_works(struck.sync())
        struck.wait(EXPIRED)
        struck.sandbox.add_fault(TOKENS[WHOOP], "lost_answer")
        assert_all_failed(struck.sync(), struck, "refresh_failed")
        struck.wait()
        done = struck.sync()
        assert_all_failed(done, struck, "grant_dead")
        assert "Log in again: tap-whoop-auth login" in done.said
        log_in_again(struck, WHOOP)


@pytest.mark.parametrize("vendor", each(GROUP, "grant revoked, logged in again"))
def test_a_revoked_grant_is_told_once(world: World, vendor: Vendor) -> None:
    with survived(world, vendor) as struck:
        assert_works(struck.sync())
        struck.sandbox.revoke("ana")
        struck.wait(EXPIRED)
        done = struck.sync()
        assert_all_failed(done, struck, "grant_dead")
        assert f"Log in again: {vendor.tap}-auth login" in done.said
        assert "wait" not in done.tap.moments
        log_in_again(struck, vendor)


@pytest.mark.parametrize("vendor", each(GROUP, "client secret wrong"))
def test_a_wrong_secret_spends_nothing(world: World, vendor: Vendor) -> None:
    wrong: Settings = {f"{vendor.prefix}CLIENT_SECRET": "wrong"}
    with survived(world, vendor) as struck:
        done = struck.sync(**wrong)
        assert_all_failed(done, struck, "client_rejected")
        assert "Check client_id and client_secret" in done.said


@pytest.mark.parametrize("vendor", each(GROUP, "refused because another host was faster"))
def test_the_winners_token_is_taken_over(world: World, vendor: Vendor) -> None:
    store = f"{vendor.prefix}TOKEN_STORE"
    with survived(world, vendor) as struck:
        ours, theirs = Path(struck.environment[store]), struck.root / "other-host"
        assert_works(struck.sync())
        struck.wait(EXPIRED)

        def be_faster() -> None:
            """Renew the grant on a host that our lock does not reach, and share it."""
            shutil.copytree(ours, theirs)
            environment = {**struck.environment, store: str(theirs)}
            assert replace(struck, environment=environment).grant_works(EXPIRED)
            (theirs / "default.json").replace(ours / "default.json")

        done = struck.sync(at={("tap", "before refresh"): be_faster})
        assert_works(done)
        assert done.tap.moments.count("before refresh") == 1
        refused = [r for r in struck.server.requests() if "oauth2" in r["path"]]
        assert len(refused) >= 3  # the first sync's, the other host's, ours


@pytest.mark.parametrize("vendor", each(GROUP, "one user under two names"))
def test_one_user_is_read_once(world: World, vendor: Vendor) -> None:
    with survived(world, vendor) as struck:
        assert_works(struck.sync())
        struck.wait()
        log_in(struck, vendor, "other", "ana")
        struck.wait()
        done = struck.sync(**accounts(vendor, "default", "other"))
        assert done.tap.code == 1, last_words(done)
        assert "Accounts 'default' and 'other' are the same person" in done.said
        failed = struck.query(
            f"select distinct account, error from {struck.oracle.schema}.sync_windows "
            "where status = 'failed'"
        )
        assert failed == [("other", "duplicate_user")]


def move_in(cell: Cell, members: dict[str, str]) -> None:
    """Let a cell be about several accounts, by the members behind them."""
    own: Any = cell.oracle
    oracles = {account: replace(own, member=member) for account, member in members.items()}
    cell.oracle = cast("Oracle", Household(*oracles.values()))

    def check_state(_: Cell, state: State) -> None:
        for account, oracle in oracles.items():
            state_is_not_ahead(replace(cell, oracle=oracle), _of(account, state))

    cell.check_state = check_state


def _of(account: str, state: State) -> State:
    """What a state says of one account."""
    return {
        "bookmarks": {
            stream: {
                "partitions": [
                    partition
                    for partition in bookmark.get("partitions", [])
                    if partition["context"] == {"account": account}
                ]
            }
            for stream, bookmark in state.get("bookmarks", {}).items()
        }
    }


@pytest.mark.parametrize("vendor", each(GROUP, "two accounts, one grant dead"))
def test_a_dead_grant_stops_nobody_else(world: World, vendor: Vendor) -> None:
    with survived(world, vendor) as struck:
        move_in(struck, {"default": "ana", "ben": "ben"})
        assert_works(struck.sync())
        log_in(struck, vendor, "ben", "ben")
        struck.sandbox.revoke("ben")
        struck.wait(EXPIRED)
        done = struck.sync(**accounts(vendor, "default", "ben"))
        assert done.tap.code == 1, last_words(done)
        said = struck.query(
            "select distinct on (account, stream) account, error "
            f"from {struck.oracle.schema}.sync_windows order by account, stream, synced_at desc"
        )
        assert set(said) == {("default", None), ("ben", "grant_dead")}
        assert "login --account ben" in done.said
        log_in(struck, vendor, "ben", "ben")
        struck.environment |= accounts(vendor, "default", "ben")


@pytest.mark.parametrize("vendor", each(GROUP, "somebody else logs in under the name"))
def test_the_bookmark_of_somebody_else_is_not_continued(world: World, vendor: Vendor) -> None:
    with survived(world, vendor) as struck:
        assert_works(struck.sync())
        with struck.connect() as connection:
            for stream in struck.oracle.keys:
                struck.deleted[stream] = {*struck.oracle.rows(connection, stream)}
        log_in_again(struck, vendor, "ben")
        own: Any = struck.oracle
        struck.oracle = replace(own, member="ben")


@pytest.mark.parametrize("vendor", each(GROUP, "two runs of one account at once"))
def test_the_second_of_two_runs_gives_way(world: World, vendor: Vendor) -> None:
    action = "sleep" if vendor is WHOOP else "getworkouts"
    second: list[Sync] = []
    with survived(world, vendor) as struck:
        other = threading.Thread(target=lambda: second.append(replace(struck, _syncs=100).sync()))

        def begin() -> None:
            if not other.ident:
                other.start()
                other.join(timeout=3)  # its loader waits for ours, so it cannot end yet

        done = struck.sync(at={("tap", f"before request {action}"): begin})
        assert_works(done)
        other.join()
        assert second[0].tap.code == 1, last_words(second[0])
        assert second[0].loader.code == 0, last_words(second[0])
        assert "(already_running)" in second[0].said
