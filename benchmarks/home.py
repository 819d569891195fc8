"""Where a benchmark runs: a project of its own with a sandbox, as the tests have it."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.cost import Cost, cost_of, cost_of_pipe
from health_sandbox.server import SandboxServer
from tests.conftest import NOW, ROOT, Project, make_project, running
from tests.pipe import demo_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: No pacing, neither here nor there.
UNPACED = 10_000_000
MEMBER = "ana"
RIVALS = ROOT / "benchmarks" / "rivals"
LOADER = ROOT / ".meltano/loaders/target-postgres/venv/bin/health-target-postgres"


@dataclass
class Home:
    """A project, connected as one member.

    Attributes:
        project: Meltano project with its own state, grants and database.
        sandbox: Its vendors.
    """

    project: Project
    sandbox: SandboxServer

    def environment(self, **more: str) -> dict[str, str]:
        """What Meltano would tell tap and loader."""
        told = demo_settings(self.project.root, self.project.env)
        return {**self.shell(), **told, "LOGLEVEL": "INFO", **more}

    def tap(self, name: str) -> list[str]:
        """The command of a tap."""
        return [str(ROOT / f".meltano/extractors/{name}/venv/bin/{name}"), "--config=ENV"]

    def sync(self, tap: str = "tap-whoop", **more: str) -> tuple[Cost, Cost]:
        """Run a tap into the loader, from where the last such run ended."""
        schema = tap.replace("tap-", "") + "_raw"
        env = self.environment(TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA=schema, **more)
        state = self.project.root / f"{tap}-state.json"
        return cost_of_pipe(self.tap(tap), [str(LOADER), "--config=ENV"], env, state)

    def meltano(self, *arguments: str) -> Cost:
        """Run Meltano."""
        command = [str(ROOT / ".venv/bin/meltano"), "--environment=demo", *arguments]
        return cost_of(command, self.shell(), cwd=self.project.root)

    def shell(self) -> dict[str, str]:
        """The project's variables, and nothing of the caller's own settings."""
        foreign = ("TAP_", "TARGET_", "PG", "MELTANO_", "HEALTH_", "DBT_")
        clean = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        return {**clean, **self.project.env}


@contextmanager
def home(
    years: float,
    *,
    vendors: Sequence[str] = ("whoop",),
    database: bool = True,
    requests_per_minute: int | None = UNPACED,
) -> Iterator[Home]:
    """A home whose member has so many years of history; without pacing the clock stands still.

    Args:
        years: Of both vendors.
        vendors: Which of them the member grants access to.
        database: Whether PostgreSQL runs.
        requests_per_minute: Limit of the vendors and pace of the taps; None is as documented.
    """
    begin = f"{int(NOW[:4]) - int(years + 1)}-01-01"
    with (
        tempfile.TemporaryDirectory(prefix="health-bench-") as folder,
        SandboxServer(
            clock=NOW,
            frozen=requests_per_minute is not None,  # a limit counts by the vendor's own clock
            years=years,
            requests_per_minute=requests_per_minute,
            requests_per_day=UNPACED,
        ) as sandbox,
    ):
        project = make_project(Path(folder), sandbox)
        (project.root / "logging.yaml").unlink()  # the tests' own logs everything
        for vendor in vendors:
            project.connect(MEMBER, vendor)
            tap = f"TAP_{vendor.upper()}"
            project.env[f"{tap}_START_DATE"] = begin
            if requests_per_minute:
                project.env[f"{tap}_REQUESTS_PER_MINUTE"] = str(requests_per_minute)
            else:
                project.env.pop(f"{tap}_REQUESTS_PER_MINUTE", None)
        made = Home(project, sandbox)
        if database:
            with running(project):
                yield made
        else:
            yield made
