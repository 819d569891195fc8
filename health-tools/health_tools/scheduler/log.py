"""The log: lines as Meltano writes them, its own among them.

With `MELTANO_CLI_LOG_FORMAT=json` every line is a JSON object with Meltano's keys (`event`,
`level`, `timestamp`); otherwise it is text for people.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger, Processor


class Log:
    """Writes to standard error what happens, and what the processes say of themselves."""

    def __init__(self, *, in_json: bool) -> None:
        self._in_json = in_json
        render: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
        if not in_json:
            render = structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
        self._logger: FilteringBoundLogger = structlog.wrap_logger(
            structlog.WriteLogger(sys.stderr),
            wrapper_class=structlog.make_filtering_bound_logger("info"),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                render,
            ],
        )
        if in_json:
            self._logger = self._logger.bind(name="scheduler")  # where Meltano has the plugin's

    def info(self, event: str, **fields: object) -> None:
        """Something happened, as it should."""
        self._logger.info(event, **fields)

    def error(self, event: str, **fields: object) -> None:
        """Something failed."""
        self._logger.error(event, **fields)

    def repeat(self, line: str) -> None:
        """A line that a process wrote; the rare one that is no JSON becomes an event."""
        if self._in_json and event_in(line) is None:
            self._logger.info(line)
        else:
            print(line, file=sys.stderr, flush=True)  # noqa: T201  (it is a log line already)


def event_in(line: str) -> dict[str, Any] | None:
    """The event that a line is, if it is one in JSON."""
    if not line.startswith("{"):
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
