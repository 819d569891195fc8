"""Faults in WHOOP's own dialect: its page envelope and its rate-limit headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_sandbox.faults import (
    NEW_FIELD,
    Answer,
    Arg,
    Exchange,
    Fault,
    Kind,
    is_flag,
    is_whole,
    new_field,
    shuffled,
    spoiling,
)

from .paging import read_token, write_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from health_sandbox.timeline import Body

_LIMITS = "100;window=60, 10000;window=86400"
_HALF_A_DAY = 43_200
_PAGED = ("/v2/cycle", "/v2/recovery", "/v2/activity/sleep", "/v2/activity/workout")


def _offset(exchange: Exchange) -> int:
    return read_token(exchange.fields.get("nextToken", ""))


def _empty_page(_: Body, fault: Fault, exchange: Exchange) -> Body:
    """Nothing on this page, but a token, which leads to what should have been on it."""
    token = write_token(_offset(exchange), n=fault.struck)
    return {"records": [], "next_token": token}


def _repeat_page(page: Body, fault: Fault, exchange: Exchange) -> Body:
    """The page comes a second time under another token, as when new records shift pages."""
    return {**page, "next_token": write_token(_offset(exchange), n=fault.struck)}


def _loop_token(page: Body, _: Fault, exchange: Exchange) -> Body:
    return {**page, "next_token": exchange.fields["nextToken"]}


def _duplicate(page: Body, _: Fault, __: Exchange) -> Body:
    return {**page, "records": [*page["records"], *page["records"]]}


def _unsorted(page: Body, _: Fault, __: Exchange) -> Body:
    return {**page, "records": shuffled(page["records"])}


def _unknown_field(content: Body, fault: Fault, _: Exchange) -> Body:
    new = new_field(fault)
    if "records" in content:
        return {**content, "records": [{**record, **new} for record in content["records"]]}
    return {**content, **new}


async def _rate_limit(fault: Fault, _: Exchange) -> Answer:
    day = bool(fault.args["day"])
    reset = _HALF_A_DAY if day else fault.args["reset"]
    headers = {
        "X-RateLimit-Limit": f"{10_000 if day else 100}, {_LIMITS}",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(reset),
    }
    content = {"error": "Too Many Requests"}
    return Answer.of_json(content, 429, headers if reset is not None else None)


def _is_paged(exchange: Exchange) -> bool:
    return exchange.path.endswith(_PAGED)


def _is_later_page(exchange: Exchange) -> bool:
    return _is_paged(exchange) and "nextToken" in exchange.fields


KINDS: Mapping[str, Kind] = {
    "empty_page": Kind(spoiling(_empty_page), suits=_is_paged),
    "repeat_page": Kind(spoiling(_repeat_page), suits=_is_paged),
    "loop_token": Kind(spoiling(_loop_token), suits=_is_later_page),
    "duplicate": Kind(spoiling(_duplicate), suits=_is_paged),
    "unsorted": Kind(spoiling(_unsorted), suits=_is_paged),
    "unknown_field": Kind(spoiling(_unknown_field), NEW_FIELD),
    "rate_limit": Kind(
        _rate_limit,
        {
            "reset": Arg(
                60, "whole seconds, or null", lambda value: value is None or is_whole(value)
            ),
            "day": Arg(default=False, rule="true or false", accepts=is_flag),
        },
    ),
}
"""The faults only WHOOP can have, to be added to the neutral ones."""
