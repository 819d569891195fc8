"""Faults in WHOOP's own dialect: its page envelope and its rate-limit headers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus

from health_sandbox.faults import Answer, Arg, Exchange, Fault, Kind, Strike, is_whole
from health_sandbox.timeline import Body

from .paging import read_token, write_token

_LIMITS = "100;window=60, 10000;window=86400"
_HALF_A_DAY = 43_200
_PAGED = ("/v2/cycle", "/v2/recovery", "/v2/activity/sleep", "/v2/activity/workout")

Spoil = Callable[[Body, Fault, Exchange], Body]
"""Turns a sound JSON answer into a spoilt one."""


def _spoiling(spoil: Spoil) -> Strike:
    async def strike(fault: Fault, exchange: Exchange) -> Answer:
        answer = await exchange.proceed()
        if answer.status != HTTPStatus.OK:
            return answer
        content = spoil(json.loads(answer.body), fault, exchange)
        return replace(answer, body=json.dumps(content).encode())

    return strike


def _offset(exchange: Exchange) -> int:
    return read_token(exchange.query.get("nextToken", ""))


def _empty_page(_: Body, fault: Fault, exchange: Exchange) -> Body:
    """Nothing on this page, but a token, which leads to what should have been on it."""
    token = write_token(_offset(exchange), n=fault.struck)
    return {"records": [], "next_token": token}


def _repeat_page(page: Body, fault: Fault, exchange: Exchange) -> Body:
    """The page comes a second time under another token, as when new records shift pages."""
    return {**page, "next_token": write_token(_offset(exchange), n=fault.struck)}


def _loop_token(page: Body, _: Fault, exchange: Exchange) -> Body:
    return {**page, "next_token": exchange.query["nextToken"]}


def _unknown_field(content: Body, fault: Fault, _: Exchange) -> Body:
    new = {fault.args["name"]: fault.args["value"]}
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
    return _is_paged(exchange) and "nextToken" in exchange.query


KINDS: Mapping[str, Kind] = {
    "empty_page": Kind(_spoiling(_empty_page), suits=_is_paged),
    "repeat_page": Kind(_spoiling(_repeat_page), suits=_is_paged),
    "loop_token": Kind(_spoiling(_loop_token), suits=_is_later_page),
    "unknown_field": Kind(
        _spoiling(_unknown_field),
        {
            "name": Arg("sandbox_field", "a string", lambda value: isinstance(value, str)),
            "value": Arg({"new": True}, "any JSON", lambda _: True),
        },
    ),
    "rate_limit": Kind(
        _rate_limit,
        {
            "reset": Arg(
                60, "whole seconds, or null", lambda value: value is None or is_whole(value)
            ),
            "day": Arg(
                default=False, rule="true or false", accepts=lambda value: isinstance(value, bool)
            ),
        },
    ),
}
"""The faults only WHOOP can have, to be added to the neutral ones."""
