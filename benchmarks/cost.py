"""What a process costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LAUNCH = [sys.executable, "-S", str(Path(__file__).with_name("launch.py"))]
_NOWHERE = Path(os.devnull)


@dataclass(frozen=True)
class Cost:
    """Of a process and of all that it waited for.

    Attributes:
        wall: Seconds from its start to its end.
        cpu: Seconds of processors, user and system.
        memory: Bytes, of the largest of its processes at its largest.
    """

    wall: float
    cpu: float
    memory: int


def cost_of(
    command: Sequence[str],
    env: Mapping[str, str],
    *,
    source: Path = _NOWHERE,
    sink: Path = _NOWHERE,
    cwd: Path | None = None,
) -> Cost:
    """Run a command to its end.

    Args:
        command: Program and arguments.
        env: All of its variables.
        source: What it reads.
        sink: Where its output goes.
        cwd: Its folder.

    Raises:
        CalledProcessError: It failed.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        source.open("rb") as stdin,
        sink.open("wb") as stdout,
    ):
        report = Path(folder, "cost")
        launch = [*_LAUNCH, str(report), *command]
        subprocess.run(launch, stdin=stdin, stdout=stdout, env=env, cwd=cwd, check=True)  # noqa: S603
        return Cost(**json.loads(report.read_text()))


def cost_of_pipe(
    source: Sequence[str], sink: Sequence[str], env: Mapping[str, str], state: Path
) -> tuple[Cost, Cost]:
    """Run a tap into a loader, from the state in a file to the state that the loader confirms.

    Raises:
        CalledProcessError: One of them failed.
    """
    known = ["--state", str(state)] if state.exists() else []
    with tempfile.TemporaryDirectory() as folder:
        reports = [Path(folder, name) for name in ("tap", "loader")]
        tap, loader = (
            [*_LAUNCH, str(report), *command]
            for report, command in zip(reports, ([*source, *known], sink), strict=True)
        )
        with subprocess.Popen(tap, stdout=subprocess.PIPE, env=env) as records:  # noqa: S603
            loaded = subprocess.run(  # noqa: S603
                loader, stdin=records.stdout, stdout=subprocess.PIPE, env=env, check=True
            )
        if records.returncode:
            raise subprocess.CalledProcessError(records.returncode, tap)
        state.write_bytes(loaded.stdout.splitlines()[-1])
        read, written = (Cost(**json.loads(report.read_text())) for report in reports)
        return read, written
