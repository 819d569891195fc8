"""Who wants to know is told when a schedule begins to fail, and when it is over.

Not at every run: a dead grant would be four mails an hour. Once when it begins, again every day for
as long as it lasts, once when it is over.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from health_tools.scheduler.log import event_in

if TYPE_CHECKING:
    from collections.abc import Callable

REMIND_AFTER = 24 * 3600.0
"""Seconds."""

State = Literal["failing", "recovered"]

# What our own tools say in one line is made to be shown: no secret, no health value. What others
# say is not repeated.
_OURS = ("health", "postgres", "target-postgres", "dbt")
_ERROR = "Error: "
_TEXT_LINE = re.compile(rf"\S+Z \[\w+ *\] (?:{'|'.join(_OURS)}) +{_ERROR}(.*)")


@dataclass
class Notices:
    """Knows what was told of which schedule. Forgets it at a restart, which tells again."""

    clock: Callable[[], float] = time.time
    _told: dict[str, float] = field(default_factory=dict)

    def due(self, schedule: str, *, failed: bool) -> State | None:
        """What has to be told after a run."""
        told = self._told.get(schedule)
        if not failed:
            return None if told is None else "recovered"
        is_due = told is None or self.clock() - told >= REMIND_AFTER
        return "failing" if is_due else None

    def told(self, schedule: str, state: State) -> None:
        """It arrived. What did not is due again after the next run."""
        if state == "failing":
            self._told[schedule] = self.clock()
        else:
            del self._told[schedule]


def error_in(line: str) -> str | None:
    """The message, if a line of Meltano's log is an error of one of our own tools."""
    event = event_in(line)
    if event is None:
        match = _TEXT_LINE.match(line)
        return match[1] if match else None
    text = str(event.get("event"))
    is_ours = event.get("name") in _OURS and text.startswith(_ERROR)
    return text.removeprefix(_ERROR) if is_ours else None


def message(schedule: str, state: State, exit_code: int, errors: list[str], look: str) -> str:
    """The text of a notice: what happened, what our tools said of it, and where to look."""
    happened = {
        "failing": f"The schedule {schedule} fails with exit code {exit_code}.",
        "recovered": f"The schedule {schedule} succeeds again.",
    }[state]
    said = [f"{error}\n" for error in dict.fromkeys(errors)]
    return "\n".join([f"{happened}\n", *said, f"The log has the rest. How everything is: {look}\n"])
