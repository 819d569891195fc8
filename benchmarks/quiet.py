"""A sync when nothing is new: requests, and all that one pays for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from benchmarks.figure import Figure, Goal
from benchmarks.home import RIVALS, home
from health_tap_core.derived_stream import DerivedStream
from tap_whoop.tap import TapWhoop
from tap_withings.tap import TapWithings
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.cost import Cost
    from benchmarks.home import Home
    from health_tap_core.tap import HealthTap

VENDORS = ("whoop", "withings")


def figures(*, small: bool) -> Iterator[Figure]:
    """The job `sync` when nothing is new, and two taps without streams into the same loader."""
    with home(0.25 if small else 1, vendors=VENDORS) as here:
        for vendor in VENDORS:
            here.sync(f"tap-{vendor}")
        here.sandbox.clear_requests()
        for vendor in VENDORS:
            here.sync(f"tap-{vendor}")
        asked = [each["path"] for each in here.sandbox.requests() if "oauth2" not in each["path"]]
        streams = sum(_top_level(here, tap) for tap in (TapWhoop, TapWithings))
        yield Figure(
            "quiet-requests",
            "quiet sync of both vendors: requests",
            "selected top-level streams",
            len(asked) / streams,
            Goal(at_most=1),
            f"{len(asked)} requests for {streams} streams",
        )
        if small:
            return
        _add_empty_taps(here)
        ours, least = _costs(here, [["sync"], _EMPTY])
        cpu = [min(run.cpu for run in runs) for runs in (ours, least)]
        wall = [min(run.wall for run in runs) for runs in (ours, least)]
        for name, what, (most, less) in (
            ("quiet-cpu", "CPU seconds", cpu),
            ("quiet-wall", "seconds", wall),
        ):
            yield Figure(
                name,
                f"quiet `meltano run sync`: {what}",
                "two empty taps, the same loader, no dbt",
                most / less,
                Goal(at_most=1.5),
                f"{most:.1f} s against {less:.1f}",
            )


_EMPTY = ["tap-empty-a", "target-postgres", "tap-empty-b", "target-postgres"]


def _costs(here: Home, jobs: Sequence[Sequence[str]]) -> list[list[Cost]]:
    """Of each job, of some runs a minute apart.

    In one of them something may be new, or first of its kind; and as a machine has slow minutes,
    the jobs take turns.
    """
    costs: list[list[Cost]] = [[] for _ in jobs]
    for _ in range(6):
        for job, runs in zip(jobs, costs, strict=True):
            here.sandbox.advance(60)
            runs.append(here.meltano("run", *job))
    return costs


def _top_level(here: Home, tap: type[HealthTap]) -> int:
    """Selected streams that are no part of another one's answers."""
    parts = {each.name for each in tap.stream_classes if issubclass(each, DerivedStream)}
    schema = tap.name.removeprefix("tap-") + "_raw"
    read = here.project.query(f"select distinct stream from {schema}.sync_windows")  # noqa: S608
    return len({stream for (stream,) in read} - parts)


def _add_empty_taps(here: Home) -> None:
    """Two more extractors in the project, which need no installation."""
    file = here.project.root / "meltano.yml"
    project = yaml.safe_load(file.read_text())
    tap = RIVALS / "empty_tap.py"
    python = ROOT / ".meltano/extractors/tap-whoop/venv/bin/python"
    for name in ("tap-empty-a", "tap-empty-b"):
        start = here.project.root / name
        start.write_text(f'#!/bin/sh\nexec {python} {tap} "$@"\n')
        start.chmod(0o755)
        project["plugins"]["extractors"].append(
            {
                "name": name,
                "namespace": name.replace("-", "_"),
                "executable": str(start),
                "capabilities": ["catalog", "discover", "state"],
                "load_schema": "empty",
            }
        )
    file.write_text(yaml.safe_dump(project, sort_keys=False))
