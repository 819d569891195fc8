"""Many accounts in one run, against as many runs of one account."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.cost import cost_of
from benchmarks.crowd import Crowd, access_token
from benchmarks.figure import Figure, Goal
from benchmarks.home import UNPACED
from health_tap_core.oauth.grant import Grant
from health_tap_core.oauth.stores import open_store
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.cost import Cost

TAP = ROOT / ".meltano/extractors/tap-whoop/venv/bin/tap-whoop"
_FAR = 4_000_000_000.0


def figures(*, small: bool) -> Iterator[Figure]:
    """A quiet run of tap-whoop without pacing."""
    number = 50 if small else 1000
    with Crowd() as vendor:
        one, many = (_quiet_run(vendor, members) for members in (1, number))
    yield Figure(
        "accounts",
        f"quiet run of {number:,} accounts: CPU seconds of tap-whoop",
        f"{number:,} times one account",
        many.cpu / (number * one.cpu),
        Goal(at_most=0.2),
        f"{many.cpu:.1f} s against {number:,} x {one.cpu:.2f} s",
    )


def _quiet_run(vendor: Crowd, members: int) -> Cost:
    """The second run of so many accounts, a quarter of an hour after the first: nothing is new."""
    vendor.minute = 0
    with tempfile.TemporaryDirectory(prefix="health-bench-") as folder:
        names = [f"member-{number}" for number in range(members)]
        store = open_store(f"{folder}/grants", "WHOOP")
        for number, name in enumerate(names):
            with store.lock(name) as held:
                grant = Grant(
                    refresh_token="never used",  # noqa: S106
                    access_token=access_token(number),
                    expires_at=_FAR,
                    scope="offline",
                )
                held.save(grant)
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("TAP_", "HEALTH_"))}
        environment = {
            **clean,
            "TAP_WHOOP_CLIENT_ID": "client",
            "TAP_WHOOP_CLIENT_SECRET": "secret",
            "TAP_WHOOP_TOKEN_STORE": f"{folder}/grants",
            "TAP_WHOOP_ACCOUNTS": json.dumps(names),
            "TAP_WHOOP_START_DATE": "2026-05-24",
            "TAP_WHOOP_API_URL": vendor.url,
            "TAP_WHOOP_TOKEN_URL": f"{vendor.url}/token",
            "TAP_WHOOP_REQUESTS_PER_MINUTE": str(UNPACED),
            "LOGLEVEL": "WARNING",
        }
        said, state = Path(folder, "said"), Path(folder, "state.json")
        command = [str(TAP), "--config=ENV"]
        cost_of(command, environment, sink=said)
        with said.open("rb") as lines:
            *_, last = (line for line in lines if b'"type":"STATE"' in line)
        state.write_text(json.dumps(json.loads(last)["value"]))
        vendor.minute = 15
        return cost_of([*command, "--state", str(state)], environment)
