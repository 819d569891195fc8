"""What `health check` says: the sync log as text for people and as JSON for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from health_tools.health.display import as_table, count, iso, minute
from health_tools.health.problems import NOTHING_SYNCED, Failure, by_cause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from health_tools.health.problems import Problem
    from health_tools.health.sync_log import StreamState

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


def problems(states: Sequence[StreamState]) -> list[Problem]:
    """One per account and class of error of the last windows; one if there are none."""
    if not states:
        return [NOTHING_SYNCED]
    return by_cause(
        Failure(state.source, state.account, state.stream, state.error)
        for state in states
        if state.failed
    )


def as_text(states: Sequence[StreamState]) -> str:
    """One row per source, account and stream."""
    return as_table(_HEADINGS, map(_cells, states), numbers=_NUMBERS)


def as_json(states: Sequence[StreamState]) -> str:
    """The same: `ok`, `streams` with ISO 8601 instants, and `problems`."""
    found = problems(states)
    streams = [
        {
            **asdict(state),
            "last_success": iso(state.last_success),
            "newest_window_end": iso(state.newest_window_end),
        }
        for state in states
    ]
    return json.dumps(
        {"ok": not found, "streams": streams, "problems": list(map(str, found))}, indent=2
    )


def _cells(state: StreamState) -> tuple[str, ...]:
    return (
        state.source,
        state.account,
        state.stream,
        state.status if state.is_current else "not read",
        minute(state.last_success),
        minute(state.newest_window_end),
        *map(count, (state.records, state.requests, state.rows)),
    )
