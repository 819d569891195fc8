"""What a check found, and the words in which it says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from health_tools.health.hints import meltano

State = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        check: What was looked at.
        state: ``problem``: data are missing or will be. ``warning``: look at it some day.
        found: What is so.
        remedy: What to do, with the command; empty if all is well.
    """

    check: str
    state: State
    found: str
    remedy: str = ""


@dataclass(frozen=True)
class Message:
    """What a check may say; the troubleshooting page lists them all.

    Attributes:
        found: What is so, with names in braces for what differs.
        remedy: What to do, likewise; ``{meltano}`` is how a command of Meltano's begins.
    """

    state: State
    found: str
    remedy: str = ""

    def finding(self, check: str, **values: object) -> Finding:
        """The finding, with values for the names in braces."""
        known = {"meltano": meltano(), **values}
        return Finding(check, self.state, self.found.format(**known), self.remedy.format(**known))
