"""Tests of guards that nothing else needs; see guards.py."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from health_sandbox.server import SandboxServer
from health_tap_core.clock import Clock
from health_tap_core.testing import Rig
from health_tap_core.timestamps import parse_instant
from tap_withings.client import WithingsClient
from tap_withings.services import ACTIVITY
from tap_withings.tap import TapWithings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from health_sandbox.client import ControlClient
    from tap_withings.services import Service

MEMBER, HOUR = "ana", 3600.0
#: Holds the lock of an account until its input ends.
_RUN = """
import sys
from health_tap_core.oauth.stores import open_store
assert open_store(sys.argv[1], "Withings").run_locks().take("default")
print(flush=True)
sys.stdin.read()
"""


class Account(Rig):
    """A user of Withings, whose tap lives in the vendor's time."""

    def __init__(self, sandbox: ControlClient, folder: Path) -> None:
        self.sandbox = sandbox
        config = {
            "client_id": "sandbox-client",
            "client_secret": "sandbox-secret",
            "refresh_token": sandbox.grant(MEMBER)["refresh_token"],
            "token_store": str(folder / "grants"),
            "api_url": f"{sandbox.url}/withings",
            "token_url": f"{sandbox.url}/withings/v2/oauth2",
            "start_date": "2026-05-01",
        }

        def now() -> float:
            return parse_instant(sandbox.now()).timestamp()

        class Tap(TapWithings):
            @cached_property
            def clock(self) -> Clock:
                return Clock(now, now)

        super().__init__(Tap, config, sandbox)

    def days(self) -> dict[str, float]:
        """The steps of each day, as far as the next sync tells of them."""
        done = self.sync(catalog=self.catalog("activity"))
        assert done.error is None
        return {row["date"]: row["steps"] for row in done.records("activity")}


@pytest.fixture
def ana(tmp_path: Path) -> Iterator[Account]:
    with SandboxServer(
        clock="2026-06-01T12:00:00Z", frozen=True, years=0.1, page_size=10
    ) as server:
        yield Account(server.vendor("withings"), tmp_path)


def test_a_change_that_is_stamped_before_the_last_run_arrives(ana: Account) -> None:
    """The vendor's index is late: a change shows after a run that began after its stamp."""
    ana.days()
    stamp = int((parse_instant(ana.sandbox.now()) - timedelta(minutes=50)).timestamp())
    ana.sandbox.advance(HOUR)
    ana.sandbox.edit(MEMBER, "activity", "2026-05-20", {"steps": 4321, "modified": stamp})
    assert ana.days()["2026-05-20"] == 4321


def test_a_change_during_a_long_run_arrives_with_the_next(
    ana: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its page was just read for the last time, and the last page takes the vendor hours."""
    call, asked = WithingsClient.call, 0

    def slow_call(self: WithingsClient, service: Service, **form: Any) -> msgspec.Raw:
        nonlocal asked
        body = call(self, service, **form)
        if service is ACTIVITY and "lastupdate" in form:
            asked += "offset" not in form
            if asked == 2 and "offset" not in form:  # everything is read twice
                ana.sandbox.edit(MEMBER, "activity", "2026-05-01", {"steps": 4321})
            elif asked == 2 and not msgspec.json.decode(body)["more"]:
                ana.sandbox.advance(3 * HOUR)
        return body

    with monkeypatch.context() as patched:
        patched.setattr(WithingsClient, "call", slow_call)
        assert ana.days()["2026-05-01"] != 4321
    ana.sandbox.advance(HOUR)
    assert ana.days()["2026-05-01"] == 4321


def test_a_second_run_of_an_account_leaves_it_to_the_first(ana: Account) -> None:
    command = [sys.executable, "-c", _RUN, ana.config["token_store"]]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout
        assert first.stdout.readline() == b"\n"
        done = ana.sync(catalog=ana.catalog("activity"))
        first.communicate()
    assert {row["error"] for row in done.records("sync_windows")} == {"already_running"}
    assert ana.days()
