"""A tap and the loader as a plain pipe: what `meltano run` starts, without Meltano around it.

For tests of many syncs. The settings are Meltano's own, so nothing is configured twice.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Project


@dataclass
class Pipe:
    """Syncs of one tap into the demo database that continue from each other's state."""

    project: Project
    tap: str
    schema: str

    def __post_init__(self) -> None:
        self._folder = self.project.root / f"pipe-{self.tap}"
        self._folder.mkdir()
        self._state = self._folder / "state.json"
        for plugin, own in (
            (self.tap, {}),
            ("target-postgres", {"default_target_schema": self.schema}),
        ):
            said = self.project.meltano("invoke", "--dump=config", plugin).text
            settings = json.loads(said[said.index("{") : said.rindex("}") + 1])
            path = self._folder / f"{plugin}.json"
            path.touch(mode=0o600)
            path.write_text(json.dumps({**settings, **own}))

    def sync(self) -> None:
        """Run both to their ends and keep the last state that the loader confirmed."""
        environment = {
            **os.environ,
            # At DEBUG the loader prints the whole batch with each of its records.
            "LOGLEVEL": "INFO",
            "PGTZ": "UTC",
            "PGSERVICE": "demo",
            "PGSERVICEFILE": str(
                self.project.root / ".health-taps/postgres/clients/pg_service.conf"
            ),
        }
        state = ["--state", str(self._state)] if self._state.exists() else []
        with subprocess.Popen(
            [self._executable("extractors", self.tap, self.tap), *self._config(self.tap), *state],
            stdout=subprocess.PIPE,
        ) as tap:
            loaded = subprocess.run(
                [
                    self._executable("loaders", "target-postgres", "health-target-postgres"),
                    *self._config("target-postgres"),
                ],
                stdin=tap.stdout,
                stdout=subprocess.PIPE,
                env=environment,
                check=True,
            )
        assert tap.returncode == 0
        self._state.write_bytes(loaded.stdout.splitlines()[-1])

    def _config(self, plugin: str) -> list[str]:
        return ["--config", str(self._folder / f"{plugin}.json")]

    def _executable(self, kind: str, plugin: str, name: str) -> str:
        return str(Path(self.project.root, ".meltano", kind, plugin, "venv", "bin", name))
