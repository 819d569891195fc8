"""The schedules of `meltano.yml`, as Meltano itself lists them."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from health_tools.errors import HealthToolsError
from health_tools.scheduler import crontab

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apscheduler.triggers.base import BaseTrigger

    from health_tools.scheduler.meltano import Meltano


@dataclass(frozen=True)
class Schedule:
    """What Meltano runs under a name, and when."""

    name: str
    trigger: BaseTrigger


def read(meltano: Meltano, names: Sequence[str]) -> list[Schedule]:
    """The schedules of these names, in this order, each once.

    Raises:
        HealthToolsError: Meltano cannot list them, there is none of that name, or it says no time.
    """
    known = _intervals(meltano)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise HealthToolsError(
            f"meltano.yml has no schedule {', '.join(unknown)}. It has: {', '.join(known)}."
        )
    return [Schedule(name, _trigger(name, known[name])) for name in dict.fromkeys(names)]


def _intervals(meltano: Meltano) -> dict[str, str | None]:
    listed = subprocess.run(  # noqa: S603  (Meltano, with arguments of our own making)
        meltano.command("schedule", "list", "--format=json"),
        check=False,
        capture_output=True,
        text=True,
    )
    if listed.returncode != 0:
        raise HealthToolsError(
            f"Meltano cannot list the schedules of meltano.yml:\n{_last_words(listed.stderr)}\n"
            f"Mend that, then see: {meltano.program} schedule list"
        )
    kinds = json.loads(listed.stdout)["schedules"]
    return {each["name"]: each["cron_interval"] for kind in kinds.values() for each in kind}


def _last_words(said: str) -> str:
    """The error below Meltano's traceback, without its log."""
    below = said.rpartition("╯\n")[2]
    return "\n".join(line for line in below.splitlines() if line and " [info " not in line)


def _trigger(name: str, interval: str | None) -> BaseTrigger:
    if interval is None:
        raise HealthToolsError(
            f"The schedule {name} has no time of its own (@once, @manual). Give it an interval in "
            f"meltano.yml, or type: meltano schedule run {name}"
        )
    try:
        return crontab.trigger(interval)
    except ValueError as error:
        raise HealthToolsError(
            f"The interval of the schedule {name} in meltano.yml, '{interval}', is no crontab "
            f"expression: {error}."
        ) from None
