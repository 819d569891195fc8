"""Records per CPU second: the tap, a bare loop over the same pages, a general REST source."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import requests

from benchmarks.cost import cost_of
from benchmarks.figure import Figure, Goal
from benchmarks.home import MEMBER, RIVALS, home
from tests.conftest import NOW, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.home import Home

#: The other one, in an environment of its own: its libraries are not ours.
DLT = "dlt==1.31.0"

#: Turns of each, of which the cheapest counts: what else the machine does only ever adds.
TURNS = 3


def figures(*, small: bool) -> Iterator[Figure]:
    """The tap against a bare loop; where there is time, against dlt's REST source as well."""
    with home(1 if small else 10, database=False) as here:
        begin = here.project.env["TAP_WHOOP_START_DATE"] + "T00:00:00Z"
        pages = [f"{here.sandbox.url}/whoop/developer", begin, NOW]
        env = {**here.shell(), "ACCESS_TOKEN": _access_token(here)}
        commands = {
            "tap": (here.tap("tap-whoop"), here.environment()),
            "loop": ([sys.executable, str(RIVALS / "bare_loop.py"), *pages], env),
        }
        if not small:
            uv = [str(ROOT / ".venv/bin/uv"), "run", "--quiet", "--no-project", "--with", DLT]
            cost_of([*uv, "python", "-c", "import dlt"], env)  # installs it
            commands["dlt"] = ([*uv, "python", str(RIVALS / "dlt_rest.py"), *pages], env)
        told = _take_turns(commands, here.project.root)
    tap, loop = told["tap"], told["loop"]
    yield Figure(
        "extract",
        "tap-whoop: records per CPU second",
        "requests, json, print in a loop",
        tap / loop,
        Goal(at_least=0.5),
        f"{tap:,.0f} against {loop:,.0f}",
    )
    if not small:
        yield Figure(
            "extract-dlt",
            "the same",
            "dlt's REST source",
            tap / told["dlt"],
            Goal(at_least=1),
            f"against {told['dlt']:,.0f}",
        )


def _take_turns(
    commands: Mapping[str, tuple[Sequence[str], Mapping[str, str]]], folder: Path
) -> dict[str, float]:
    """Records of the vendor that each told per CPU second, at its best."""
    best = dict.fromkeys(commands, 0.0)
    for _ in range(TURNS):
        for name, (command, env) in commands.items():
            sink = folder / f"{name}.jsonl"
            cost = cost_of(command, env, sink=sink)
            with sink.open("rb") as lines:
                records = sum(_is_record(line) for line in lines)
            best[name] = max(best[name], records / cost.cpu)
    return best


def _is_record(line: bytes) -> bool:
    """Whether a line is a record of the vendor's, by itself or as a Singer message."""
    is_singer = line.startswith(b'{"type":')
    return not is_singer or (b'"RECORD"' in line[:20] and b'"sync_windows"' not in line[:60])


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
