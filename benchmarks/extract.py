"""Records per CPU second: the tap, a bare loop over the same pages, a general REST source."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import requests

from benchmarks.cost import cost_of, least_of
from benchmarks.figure import Figure, Goal
from benchmarks.home import MEMBER, RIVALS, home
from tests.conftest import NOW, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.cost import Cost
    from benchmarks.home import Home

#: The other one, in an environment of its own: its libraries are not ours.
DLT = "dlt==1.31.0"

#: Measurements of each, of which the cheapest counts.
TIMES = 3


def figures(*, small: bool) -> Iterator[Figure]:
    """The tap against a bare loop; where there is time, against dlt's REST source as well."""
    with home(1 if small else 10, database=False) as here:
        folder = here.project.root
        tap = _least(here.tap("tap-whoop"), here.environment(), folder / "tap.jsonl")
        lines = (folder / "tap.jsonl").read_bytes().splitlines()
        records = sum(b'"type":"RECORD"' in line and b"sync_windows" not in line for line in lines)
        asked = len(here.project.data_requests()) // TIMES
        url, token = f"{here.sandbox.url}/whoop/developer", _access_token(here)
        begin = here.project.env["TAP_WHOOP_START_DATE"] + "T00:00:00Z"
        pages, env = [url, begin, NOW], {**here.shell(), "ACCESS_TOKEN": token}
        loop = [sys.executable, str(RIVALS / "bare_loop.py"), *pages]
        bare = _least(loop, env, folder / "bare.jsonl")
        looped = len((folder / "bare.jsonl").read_bytes().splitlines())
        requests_of_loop = len(here.project.data_requests()) // TIMES
        yield Figure(
            "extract",
            "tap-whoop: records per CPU second",
            "requests, json, print in a loop",
            (records / tap.cpu) / (looped / bare.cpu),
            Goal(at_least=0.5),
            f"{records / tap.cpu:.0f} of {records} records in {asked} requests, "
            f"against {looped / bare.cpu:.0f} of {looped} in {requests_of_loop}",
        )
        if small:
            return
        python = [
            str(ROOT / ".venv/bin/uv"),
            "run",
            "--quiet",
            "--no-project",
            "--with",
            DLT,
            "python",
        ]
        cost_of([*python, "-c", "import dlt"], env)  # installs it
        other = _least([*python, str(RIVALS / "dlt_rest.py"), *pages], env, folder / "dlt.jsonl")
        told = len((folder / "dlt.jsonl").read_bytes().splitlines())
        yield Figure(
            "extract-dlt",
            "the same",
            "dlt's REST source",
            (records / tap.cpu) / (told / other.cpu),
            Goal(at_least=1),
            f"against {told / other.cpu:.0f} of {told} records",
        )


def _least(command: Sequence[str], env: Mapping[str, str], sink: Path) -> Cost:
    return least_of(TIMES, lambda: cost_of(command, env, sink=sink))


def _access_token(here: Home) -> str:
    granted = here.sandbox.vendor("whoop").grant(MEMBER)
    url = f"{here.sandbox.url}/whoop/oauth/oauth2/token"
    form = {
        "grant_type": "refresh_token",
        "refresh_token": granted["refresh_token"],
        "client_id": "sandbox-client",
        "client_secret": "sandbox-secret",
        "scope": "offline",
    }
    answer = requests.post(url, data=form, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["access_token"])
