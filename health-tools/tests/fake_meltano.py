"""A project whose Meltano is a shell script: it lists schedules, and a run is what a test says."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Called as `meltano [--log-format=json] --environment=NAME schedule list|run ...`.
_SCRIPT = """\
#!/bin/sh
cd "{folder}" || exit 99
echo "$@" >>calls
for name; do :; done
case "$*" in
*"schedule list"*) . ./list.sh ;;
*) echo "$name" >>runs; . ./run.sh ;;
esac
"""


@dataclass
class FakeMeltano:
    """Its folder is a project's, its program stands in `bin`."""

    folder: Path

    def __post_init__(self) -> None:
        self.program.parent.mkdir()
        self.program.write_text(_SCRIPT.format(folder=self.folder))
        self.program.chmod(0o755)
        (self.folder / "meltano.yml").touch()
        self.lists({"sync": "*/15 * * * *", "reconcile": "37 3 * * *"})
        self.runs("exit 0")

    @property
    def program(self) -> Path:
        return self.folder / "bin" / "meltano"

    def lists(self, intervals: dict[str, str | None]) -> None:
        """What `schedule list` answers."""
        found = [{"name": name, "cron_interval": when} for name, when in intervals.items()]
        (self.folder / "list.json").write_text(json.dumps({"schedules": {"job": found}}))
        (self.folder / "list.sh").write_text("cat list.json")

    def cannot_list(self, said: str) -> None:
        """`schedule list` fails."""
        (self.folder / "said").write_text(said)
        (self.folder / "list.sh").write_text("cat said >&2; exit 1")

    def runs(self, script: str) -> None:
        """What a run does, in shell, in the project's folder; `$name` is the schedule."""
        draft = self.folder / "run.sh.new"
        draft.write_text(script)
        draft.replace(self.folder / "run.sh")

    def lines(self, name: str) -> list[str]:
        """A file that the script wrote: `runs`, `calls`, or one of the test's own."""
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []


def until(what: Callable[[], object]) -> None:
    """Wait for something that other processes do."""
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
