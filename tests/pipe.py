"""A tap and the loader as a plain pipe: what `meltano run` starts, without Meltano around it.

For tests of many syncs. The settings are those of `meltano.yml`, handed over in the environment: no
secret is written down.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import yaml

from .conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .conftest import Project

MELTANO: dict[str, Any] = yaml.safe_load((ROOT / "meltano.yml").read_text())


def demo_settings(root: Path, known: Mapping[str, str]) -> dict[str, str]:
    """What Meltano tells a tap and the loader in the environment `demo` of a project.

    Args:
        root: The project.
        known: Variables that the file refers to.
    """
    (demo,) = [e for e in MELTANO["environments"] if e["name"] == "demo"]
    (loader,) = MELTANO["plugins"]["loaders"]
    settings = {
        f"TARGET_POSTGRES_{setting['name'].upper()}": str(setting["value"]).lower()
        for setting in loader["settings"]
        if "value" in setting
    }
    variables = {**known, "MELTANO_PROJECT_ROOT": str(root)}
    return {
        name: Template(str(value)).safe_substitute(variables)
        for name, value in {**settings, **loader["env"], **demo["env"]}.items()
    }


def flow(tap: Sequence[str], loader: str, environment: Mapping[str, str], state: Path) -> None:
    """Run a tap into the loader, both to their ends.

    Args:
        tap: Its command.
        loader: Its executable.
        environment: Every variable of both.
        state: Where the last state is that the loader confirmed, and will be.
    """
    known = ["--state", str(state)] if state.exists() else []
    with subprocess.Popen(
        [*tap, "--config=ENV", *known], stdout=subprocess.PIPE, env=environment
    ) as records:
        loaded = subprocess.run(
            [loader, "--config=ENV"],
            stdin=records.stdout,
            stdout=subprocess.PIPE,
            env=environment,
            check=True,
        )
    assert records.returncode == 0
    state.write_bytes(loaded.stdout.splitlines()[-1])


@dataclass
class Pipe:
    """Syncs of one tap into the demo database that continue from each other's state."""

    project: Project
    tap: str
    schema: str

    def __post_init__(self) -> None:
        self._state = self.project.root / f"{self.tap}-state.json"
        self._environment = {
            **os.environ,
            **self.project.env,
            **demo_settings(self.project.root, self.project.env),
            "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": self.schema,
            # At DEBUG the loader prints the whole batch with each of its records.
            "LOGLEVEL": "INFO",
        }

    def sync(self) -> None:
        """Run both to their ends and keep the last state that the loader confirmed."""
        flow(
            [self._executable("extractors", self.tap, self.tap)],
            self._executable("loaders", "target-postgres", "health-target-postgres"),
            self._environment,
            self._state,
        )

    def _executable(self, kind: str, plugin: str, name: str) -> str:
        return str(Path(self.project.root, ".meltano", kind, plugin, "venv", "bin", name))
