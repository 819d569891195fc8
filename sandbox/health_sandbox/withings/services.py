"""What each action of the data services reads (API reference; live answers where they differ)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

from health_sandbox.instants import DAY, SECOND

from . import fields as data_fields
from .devices import SLEEP_MAT
from .envelope import INVALID_PARAMS, Fields, Refusal, Status
from .heart import signal_of
from .history import History, intraday_rows, stage_rows
from .hypnogram import MONITOR, TRACKER
from .life import epoch
from .paging import Pick, by_days, by_epochs, cut_page, listed, whole_number

if TYPE_CHECKING:
    from health_sandbox.timeline import Body, Row

_GROUPS, _ROWS, _SLEEPS, _RECORDINGS = 200, 200, 300, 100
"""Page sizes; of activity and sleep as recorded, the others are guesses."""


@dataclass(frozen=True)
class Ask:
    """What a client asks of a member's history."""

    history: History
    fields: Fields
    now: int
    page_size: int | None

    def rows(self, collection: str, pick: Pick) -> Iterable[Row]:
        """Return the rows that are asked for, oldest first."""
        rows = [*self.history.rows(collection, self.now).values()]
        return filter(pick, reversed(rows))

    def page(self, rows: Iterable[Row], usual: int) -> tuple[list[Body], int | None]:
        """Return the bodies of one page, and the offset of the next if there is one."""
        page, following = cut_page(rows, self.fields, self.page_size or usual)
        return [row.body for row in page], following


Read = Callable[[Ask], Mapping[str, Any]]
"""Reads a body."""


def _getmeas(ask: Ask) -> Body:
    """Read groups in no order; ``more`` is a number, and missing if one page holds all."""
    kinds, rows = _kinds(ask.fields), ask.rows("measure_groups", by_epochs(ask.fields))
    if "category" in ask.fields:
        category = whole_number(ask.fields, "category")
        rows = [row for row in rows if row.body.get("category") == category]
    if kinds is not None:
        rows = [row for row in rows if any(m["type"] in kinds for m in row.body["measures"])]
    found, following = ask.page(sorted(rows, key=lambda row: crc32(row.id.encode())), _GROUPS)
    if kinds is not None:
        found = [
            {**body, "measures": [row for row in body["measures"] if row["type"] in kinds]}
            for body in found
        ]
    body: Body = {
        "updatetime": epoch(ask.now),
        "timezone": ask.history.life.account_zone(ask.now),
        "measuregrps": found,
    }
    if following is not None:
        body |= {"more": 1, "offset": following}
    elif "offset" in ask.fields:
        body |= {"more": 0, "offset": 0}
    return body


def _kinds(fields: Fields) -> set[int] | None:
    if "meastypes" in fields:
        texts = fields["meastypes"].split(",")
        return {whole_number({"type": text.strip()}, "type") for text in texts}
    return {whole_number(fields, "meastype")} if "meastype" in fields else None


def _getactivity(ask: Ask) -> Body:
    """Read days; ``offset`` tells of a next page even where there is none (seen live)."""
    asked = data_fields.ACTIVITY.asked(ask.fields)
    rows, following = ask.page(ask.rows("activity", by_days(ask.fields)), _ROWS)
    found = [data_fields.ACTIVITY.cut(row, asked) for row in rows]
    size = ask.page_size or _ROWS
    offset = whole_number(ask.fields, "offset", 0) + size if len(found) == size else 0
    return {**listed("activities", found, following), "offset": following or offset}


def _with_data(collection: str, known: data_fields.DataFields, size: int) -> Read:
    def read(ask: Ask) -> Body:
        asked = known.asked(ask.fields)
        rows, following = ask.page(ask.rows(collection, by_days(ask.fields)), size)
        return listed("series", [_cut_data(known, row, asked) for row in rows], following)

    return read


def _cut_data(known: data_fields.DataFields, row: Body, asked: Iterable[str]) -> Body:
    data = row.get("data")
    if not isinstance(data, dict):
        return row
    return {**row, "data": known.cut(data, [*asked])}


def _getintradayactivity(ask: Ask) -> Body:
    asked = data_fields.INTRADAY.asked(ask.fields)
    if not {"startdate", "enddate"} & {*ask.fields}:
        start, end = ask.now - DAY, ask.now
    else:
        start, end = _first_day(ask.fields)
    series: dict[str, Body] = {}
    for row in intraday_rows(ask.history, start, end, ask.now):
        told = {name: value for name, value in row.body.items() if name != "timestamp"}
        series[row.id] = data_fields.INTRADAY.cut(told, asked)
    return {"series": series or []}


def _first_day(fields: Fields) -> tuple[int, int]:
    """Return the window of a request; of a longer one the first 24 hours."""
    start = whole_number(fields, "startdate") * SECOND
    end = whole_number(fields, "enddate") * SECOND
    return start, min(end, start + DAY)


def _sleep_states(ask: Ask) -> Body:
    asked = data_fields.STAGES.asked(ask.fields)
    rows = stage_rows(ask.history, *_first_day(ask.fields), ask.now)
    series = [
        data_fields.STAGES.cut({name: row[name] for name in row if name != "sleep_id"}, asked)
        for row in (row.body for row in sorted(rows, key=lambda row: row.start))
    ]
    if not series:
        return {"series": []}
    model_id = series[0]["model_id"]
    model = MONITOR if model_id == SLEEP_MAT.model_id else TRACKER
    return {"series": series, "model": model, "model_id": model_id}


def _heart_list(ask: Ask) -> Body:
    rows = ask.rows("heart_recordings", by_epochs(ask.fields))
    return listed("series", *ask.page(rows, _RECORDINGS))


def _heart_signal(ask: Ask) -> Body:
    signal_id = whole_number(ask.fields, "signalid")
    recordings = ask.history.rows("heart_recordings", ask.now)
    if str(signal_id) not in recordings:
        raise Refusal(Status.INVALID_PARAMS, INVALID_PARAMS)
    return signal_of(recordings[str(signal_id)].body)


def _getdevice(ask: Ask) -> Body:
    return {"devices": [row.body for row in ask.history.rows("devices", ask.now).values()]}


def _getgoals(ask: Ask) -> Body:
    rows = [row.body for row in ask.history.rows("goals", ask.now).values()]
    return {"goals": rows[0] if rows else []}


SERVICES: Mapping[str, Mapping[str, tuple[str, Read]]] = {
    "/measure": {"getmeas": ("user.metrics", _getmeas)},
    "/v2/measure": {
        "getactivity": ("user.activity", _getactivity),
        "getintradayactivity": ("user.activity", _getintradayactivity),
        "getworkouts": ("user.activity", _with_data("workouts", data_fields.WORKOUTS, _ROWS)),
    },
    "/v2/sleep": {
        "getsummary": ("user.activity", _with_data("sleep_summary", data_fields.SLEEP, _SLEEPS)),
        "get": ("user.activity", _sleep_states),
    },
    "/v2/heart": {
        "list": ("user.metrics", _heart_list),
        "get": ("user.metrics", _heart_signal),
    },
    "/v2/user": {
        "getdevice": ("user.info", _getdevice),
        # No document names the scope of goals; the only goal that is a measure is the weight.
        "getgoals": ("user.metrics", _getgoals),
    },
}
"""Every data service: its path, and for each action the scope it needs and what it reads."""
