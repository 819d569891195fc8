"""Faults in Withings' own dialect: everything comes in its envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from health_sandbox.faults import (
    NEW_FIELD,
    Answer,
    Arg,
    Exchange,
    Fault,
    Kind,
    Strike,
    anything,
    is_flag,
    is_text,
    is_whole,
    new_field,
    respell,
    shuffled,
    spoiling,
)

from .envelope import Refusal, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from health_sandbox.timeline import Body

_LISTED = ("measuregrps", "activities", "series", "devices")
"""The fields of bodies that list records."""

_SPELLINGS: Mapping[str, Callable[[bool], int | bool | str]] = {
    "int": int,
    "bool": bool,
    "string": lambda more: str(int(more)),
    "word": lambda more: str(more).lower(),
}
"""How ``more`` may be written."""

_FROM_DEVICES = ("deviceid", "hash_deviceid", "model", "modelid", "model_id")


def _spoiling_body(spoil: Callable[[Body, Fault, Exchange], Any]) -> Strike:
    """Return what spoils the body of a sound envelope."""

    def spoil_envelope(content: Body, fault: Fault, exchange: Exchange) -> Body:
        if content.get("status") != Status.OK:
            return content
        return {**content, "body": spoil(content["body"], fault, exchange)}

    return spoiling(spoil_envelope)


def _each_list(body: Body, change: Callable[[list[Any]], list[Any]]) -> Body:
    """Return a body with its lists of records changed."""
    lists = {name: body[name] for name in _LISTED if isinstance(body.get(name), list)}
    return {**body, **{name: change(records) for name, records in lists.items()}}


async def _envelope(fault: Fault, _: Exchange) -> Answer:
    content = {"status": fault.args["status"]}
    told = {name: fault.args[name] for name in ("body", "error")}
    return Answer.of_json(content | {name: told[name] for name in told if told[name] is not None})


async def _rate_limit(fault: Fault, _: Exchange) -> Answer:
    seconds = fault.args["wait_seconds"]
    body = {} if seconds is None else {"wait_seconds": seconds}
    refusal = Refusal(Status.TOO_MANY_REQUESTS, "Too Many Requests", body)
    return Answer.of_json(refusal.to_json())


async def _repeat_page(_: Fault, exchange: Exchange) -> Answer:
    """The first page comes in place of a later one, with an offset that grows all the same."""
    offset = int(exchange.fields["offset"])
    answer = await exchange.proceed(offset="0")

    def lead_on(content: Body) -> Body:
        body = content["body"]
        size = max((len(body[name]) for name in _LISTED if name in body), default=0)
        more = 1 if "measuregrps" in body else True
        return {**content, "body": {**body, "more": more, "offset": offset + max(size, 1)}}

    return respell(answer, lead_on)


def _stuck_offset(body: Body, fault: Fault, exchange: Exchange) -> Body:
    """There is more, at the offset that was asked for; or nobody knows where."""
    kept = {name: value for name, value in body.items() if name != "offset"}
    more = 1 if "measuregrps" in body else True
    offset = {} if fault.args["missing"] else {"offset": int(exchange.fields.get("offset", 0))}
    return {**kept, "more": more, **offset}


def _more_as(body: Body, fault: Fault, _: Exchange) -> Body:
    spell = _SPELLINGS[fault.args["spelling"]]
    return {**body, "more": spell(bool(body.get("more"))), "offset": body.get("offset", 0)}


def _empty_as(body: Body, _: Fault, __: Exchange) -> Any:
    return _swapped(body)


def _swapped(value: Any) -> Any:
    """Return a value whose empty objects and lists have changed places, at any depth."""
    if isinstance(value, dict):
        return {name: _swapped(inner) for name, inner in value.items()} if value else []
    if isinstance(value, list):
        return [_swapped(inner) for inner in value] if value else {}
    return value


def _duplicate(body: Body, _: Fault, __: Exchange) -> Body:
    return _each_list(body, lambda records: [*records, *records])


def _unsorted(body: Body, _: Fault, __: Exchange) -> Body:
    return _each_list(body, shuffled)


def _nulls(body: Body, fault: Fault, _: Exchange) -> Body:
    names = {*fault.args["names"]}

    def emptied(row: Body) -> Body:
        return {name: None if name in names else value for name, value in row.items()}

    return _each_list(body, lambda records: [emptied(row) for row in records])


def _unknown_field(body: Body, fault: Fault, _: Exchange) -> Body:
    """Add a field to each record of a body that lists some, else to the body itself."""
    new = new_field(fault)
    if not any(isinstance(body.get(name), list) for name in _LISTED):
        return {**body, **new}
    return _each_list(body, lambda records: [{**row, **new} for row in records])


def _is_listing(exchange: Exchange) -> bool:
    return exchange.fields.get("action") in {
        "getmeas",
        "getactivity",
        "getworkouts",
        "getsummary",
        "list",
    }


def _is_later_page(exchange: Exchange) -> bool:
    return _is_listing(exchange) and exchange.fields.get("offset", "0") != "0"


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


KINDS: Mapping[str, Kind] = {
    "envelope": Kind(
        _envelope,
        {
            "status": Arg(2555, "a whole number", is_whole),
            "error": Arg(
                "An error occurred",
                "a string, or null",
                lambda value: value is None or is_text(value),
            ),
            "body": Arg({}, "any JSON", anything),
        },
    ),
    "rate_limit": Kind(
        _rate_limit,
        {
            "wait_seconds": Arg(
                60, "whole seconds, or null", lambda value: value is None or is_whole(value)
            )
        },
    ),
    "repeat_page": Kind(_repeat_page, suits=_is_later_page),
    "stuck_offset": Kind(
        _spoiling_body(_stuck_offset),
        {"missing": Arg(default=False, rule="true or false", accepts=is_flag)},
        suits=_is_listing,
    ),
    "more_as": Kind(
        _spoiling_body(_more_as),
        {"spelling": Arg("string", f"one of {', '.join(_SPELLINGS)}", _SPELLINGS.__contains__)},
        suits=_is_listing,
    ),
    "empty_as": Kind(_spoiling_body(_empty_as)),
    "duplicate": Kind(_spoiling_body(_duplicate)),
    "unsorted": Kind(_spoiling_body(_unsorted)),
    "nulls": Kind(
        _spoiling_body(_nulls), {"names": Arg([*_FROM_DEVICES], "a list of strings", _is_names)}
    ),
    "unknown_field": Kind(_spoiling_body(_unknown_field), NEW_FIELD),
}
"""The faults in Withings' envelope, to be added to the neutral ones."""
