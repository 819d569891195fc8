"""Faults in Withings' own dialect: everything comes in its envelope."""

from __future__ import annotations

import json
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from health_sandbox.faults import Answer, Arg, Exchange, Fault, Kind, is_whole

from .envelope import Refusal, Status

if TYPE_CHECKING:
    from collections.abc import Mapping


async def _rate_limit(fault: Fault, _: Exchange) -> Answer:
    seconds = fault.args["wait_seconds"]
    body = {} if seconds is None else {"wait_seconds": seconds}
    refusal = Refusal(Status.TOO_MANY_REQUESTS, "Too Many Requests", body)
    return Answer.of_json(refusal.to_json())


async def _unknown_field(fault: Fault, exchange: Exchange) -> Answer:
    answer = await exchange.proceed()
    if answer.status != HTTPStatus.OK:
        return answer
    content = json.loads(answer.body)
    if content.get("status") != Status.OK:
        return answer
    new = {fault.args["name"]: fault.args["value"]}
    content["body"] = _with_new_field(content["body"], new)
    return replace(answer, body=json.dumps(content).encode())


def _with_new_field(body: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Add a field to each record of a body that lists some, else to the body itself."""
    lists = {name: value for name, value in body.items() if isinstance(value, list)}
    if not lists:
        return {**body, **new}
    changed = {
        name: [{**record, **new} if isinstance(record, dict) else record for record in records]
        for name, records in lists.items()
    }
    return {**body, **changed}


KINDS: Mapping[str, Kind] = {
    "rate_limit": Kind(
        _rate_limit,
        {
            "wait_seconds": Arg(
                60, "whole seconds, or null", lambda value: value is None or is_whole(value)
            )
        },
    ),
    "unknown_field": Kind(
        _unknown_field,
        {
            "name": Arg("sandbox_field", "a string", lambda value: isinstance(value, str)),
            "value": Arg({"new": True}, "any JSON", lambda _: True),
        },
    ),
}
"""The faults in Withings' envelope, to be added to the neutral ones."""
