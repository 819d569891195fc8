"""What a test asks a warm process to do, and what it hears of it.

Only the standard library: the loader's environment has little else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Kill:
    """The moment at which a process ends itself with ``kill -9``.

    Attributes:
        process: ``tap`` or ``loader``.
        moment: Its name, as :class:`Moments` has them in a trace.
        nth: Which one of that name; from 1, or from the last one with -1.
    """

    process: str
    moment: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.process} {self.moment} {self.nth}"


@dataclass(frozen=True)
class Job:
    """One run of a tap or of the loader.

    Attributes:
        name: Which of the commands that the process knows.
        arguments: Its command line.
        environment: All of its environment variables.
        die: The name of the moment at which it dies, and how many of that name come first.
        holds: Names of moments at which it waits until the test lets it go on.
        drain_every: The loader drains after so many records, as it does after five minutes.
        drain_order: The loader drains these tables first, one after the other; None leaves it to
            its threads.
        record: A file to which dbt adds what it has executed.
    """

    name: str
    arguments: list[str]
    environment: Mapping[str, str] = field(repr=False)
    die: tuple[str, int] | None = None
    holds: tuple[str, ...] = ()
    drain_every: int | None = None
    drain_order: tuple[str, ...] | None = None
    record: str | None = None

    def to_json(self) -> bytes:
        """One line."""
        return json.dumps(vars(self)).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Job:
        """The job of a line."""
        return cls(**json.loads(text))


def name_of(message: Mapping[str, Any]) -> str:
    """What a Singer message is called: its type and stream; a row of the sync log is a claim."""
    kind, stream = message["type"].lower(), message.get("stream", "")
    if kind == "record" and stream == "sync_windows":
        return f"claim {message['record']['stream']}"
    return f"{kind} {stream}".rstrip()
