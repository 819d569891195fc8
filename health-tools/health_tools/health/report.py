"""The states of all streams as text for people and as JSON for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from health_tools.health.hints import next_step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from health_tools.health.sync_log import StreamState

NOTHING_SYNCED = "nothing was synced yet: type meltano run sync, whoop or withings"

_HEADINGS = (
    "source",
    "account",
    "stream",
    "status",
    "last success",
    "newest window end",
    "records",
    "requests",
    "rows",
)
_NUMBERS = {"records", "requests", "rows"}


def problems(states: Sequence[StreamState]) -> list[str]:
    """One line per account and class of error: which streams, why, and the next thing to do."""
    if not states:
        return [NOTHING_SYNCED]
    failed: dict[tuple[str, str, str | None], list[str]] = {}
    for state in states:
        if state.failed:
            failed.setdefault((state.source, state.account, state.error), []).append(state.stream)
    return [
        f"{source}, account {account}, {'stream' if len(streams) == 1 else 'streams'} "
        f"{', '.join(streams)}: {error or 'failed'}; {next_step(source, account, error)}"
        for (source, account, error), streams in failed.items()
    ]


def as_table(states: Sequence[StreamState]) -> str:
    """One row per source, account and stream."""
    rows = [_HEADINGS, *map(_cells, states)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if heading in _NUMBERS else cell.ljust(width)
            for cell, width, heading in zip(row, widths, _HEADINGS, strict=True)
        ).rstrip()
        for row in rows
    )


def as_json(states: Sequence[StreamState]) -> str:
    """The same: `ok`, `streams` with ISO 8601 instants, and `problems`."""
    found = problems(states)
    streams = [
        {
            **asdict(state),
            "last_success": _iso(state.last_success),
            "newest_window_end": _iso(state.newest_window_end),
        }
        for state in states
    ]
    return json.dumps({"ok": not found, "streams": streams, "problems": found}, indent=2)


def _cells(state: StreamState) -> tuple[str, ...]:
    return (
        state.source,
        state.account,
        state.stream,
        state.status,
        _minute(state.last_success),
        _minute(state.newest_window_end),
        *("-" if count is None else str(count) for count in _counts(state)),
    )


def _counts(state: StreamState) -> tuple[int | None, ...]:
    return (state.records, state.requests, state.rows)


def _minute(instant: datetime | None) -> str:
    return "-" if instant is None else f"{instant:%Y-%m-%d %H:%M}Z"


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat().replace("+00:00", "Z")
