"""Faults on demand: a table of what can go wrong between a client and a vendor.

A fault kind is a coroutine that may let the real answer come (``proceed``), spoil it, replace
it, or return ``None``, which drops the TCP connection without an answer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from http import HTTPStatus
from itertools import count
from typing import Any
from zlib import crc32

MAX_DELAY_SECONDS = 30.0
TRICKLE_PIECES = 8
_END_OF_STATUSES = 600


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    headers: Mapping[str, str]
    """A ``date`` among them is told in place of the sandbox clock; an empty one: none is told."""
    body: bytes
    pause: float = 0.0
    """Seconds between the pieces of the body, if it does not come at once."""

    @classmethod
    def of_json(
        cls, content: Any, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Build an answer that carries JSON."""
        merged = {"content-type": "application/json", **(headers or {})}
        return cls(status, merged, json.dumps(content).encode())


@dataclass
class Fault:
    """A rule: requests whose path matches go wrong in this way, so many times."""

    id: int
    path: str
    action: str | None
    """The one action of the path that it strikes; ``None``: whatever is asked there."""
    kind: str
    given: dict[str, Any]
    """The arguments as they were given; each vendor that knows the kind has its own defaults."""
    args: dict[str, Any]
    """All arguments, with the defaults of the vendor it strikes, or of the first it may strike."""
    times: int | None
    """How often it strikes; ``None`` is for ever."""
    skip: int
    """How many matching requests pass untouched first."""
    struck: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the rule and how often it struck so far."""
        return {
            "id": self.id,
            "path": self.path,
            "action": self.action,
            "kind": self.kind,
            "times": self.times,
            "skip": self.skip,
            "struck": self.struck,
            **self.args,
        }


@dataclass(frozen=True)
class Exchange:
    """A request on its way to a vendor's own handler."""

    path: str
    fields: Mapping[str, str]
    """The parameters: those of the query, and those of a form."""
    proceed: Callable[..., Awaitable[Answer]]
    """Lets the handler answer; it finds parameters to take instead in ``request.state.instead``."""


Strike = Callable[[Fault, Exchange], Awaitable["Answer | None"]]


@dataclass(frozen=True)
class Arg:
    """An argument of a fault kind: its default, and what makes a value sensible."""

    default: Any
    rule: str
    accepts: Callable[[Any], bool]


@dataclass(frozen=True)
class Kind:
    """A row of the fault table: what it does, its arguments, which requests it suits."""

    strike: Strike
    args: Mapping[str, Arg] = field(default_factory=dict)
    suits: Callable[[Exchange], bool] = lambda _: True

    def problem(self, given: Mapping[str, Any]) -> str | None:
        """Tell what is wrong with arguments, if anything is."""
        if unknown := sorted(set(given) - set(self.args)):
            return f"unknown {', '.join(unknown)}; it takes {[*self.args]}"
        wrong = (name for name, value in given.items() if not self.args[name].accepts(value))
        return next((f"{name} must be {self.args[name].rule}" for name in wrong), None)

    def complete(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return all arguments, defaults filled in."""
        return {**{name: arg.default for name, arg in self.args.items()}, **given}


def is_whole(value: Any) -> bool:
    """Tell whether a JSON value is a whole number, not negative."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


Spoil = Callable[[Any, Fault, Exchange], Any]
"""Turns the JSON of a sound answer into a spoilt one."""


def spoiling(spoil: Spoil) -> Strike:
    """Return what spoils the JSON of an answer with status 200."""

    async def strike(fault: Fault, exchange: Exchange) -> Answer:
        return respell(await exchange.proceed(), lambda content: spoil(content, fault, exchange))

    return strike


def respell(answer: Answer, change: Callable[[Any], Any]) -> Answer:
    """Return an answer with its JSON changed, if its status is 200."""
    if answer.status != HTTPStatus.OK:
        return answer
    return replace(answer, body=json.dumps(change(json.loads(answer.body))).encode())


def is_text(value: Any) -> bool:
    """Tell whether a JSON value is a string."""
    return isinstance(value, str)


def is_flag(value: Any) -> bool:
    """Tell whether a JSON value is true or false."""
    return isinstance(value, bool)


def anything(_: Any) -> bool:
    """Accept any JSON value."""
    return True


NEW_FIELD: Mapping[str, Arg] = {
    "name": Arg("sandbox_field", "a string", is_text),
    "value": Arg({"new": True}, "any JSON", anything),
}
"""The arguments of ``unknown_field``, which every vendor has in its own form."""


def new_field(fault: Fault) -> dict[str, Any]:
    """Return the field that ``unknown_field`` adds."""
    return {fault.args["name"]: fault.args["value"]}


def shuffled(records: list[Any]) -> list[Any]:
    """Return the records of a page in another order, always the same."""
    return sorted(records, key=lambda record: crc32(repr(record).encode()))


async def _status(fault: Fault, _: Exchange) -> Answer:
    args = fault.args
    return Answer.of_json(args["body"], args["status"], args["headers"])


async def _reset(_: Fault, __: Exchange) -> None:
    return None


async def _lost_answer(_: Fault, exchange: Exchange) -> None:
    await exchange.proceed()


async def _slow(fault: Fault, exchange: Exchange) -> Answer:
    await asyncio.sleep(fault.args["delay"])
    return await exchange.proceed()


async def _trickle(fault: Fault, exchange: Exchange) -> Answer:
    return replace(await exchange.proceed(), pause=fault.args["delay"])


async def _date(fault: Fault, exchange: Exchange) -> Answer:
    answer = await exchange.proceed()
    return replace(answer, headers={**answer.headers, "date": fault.args["value"] or ""})


async def _truncate(_: Fault, exchange: Exchange) -> Answer:
    answer = await exchange.proceed()
    return replace(answer, body=answer.body[: len(answer.body) // 2])


async def _replace(fault: Fault, exchange: Exchange) -> Answer:
    answer = await exchange.proceed()
    body = answer.body.decode().replace(fault.args["old"], fault.args["new"])
    return replace(answer, body=body.encode())


async def _html(_: Fault, __: Exchange) -> Answer:
    page = b"<!doctype html><title>Maintenance</title><p>Back soon."
    return Answer(200, {"content-type": "text/html; charset=utf-8"}, page)


def _is_status(value: Any) -> bool:
    return is_whole(value) and HTTPStatus.OK <= value < _END_OF_STATUSES


def _is_headers(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _is_delay(value: Any) -> bool:
    return isinstance(value, (int, float)) and 0 <= value <= MAX_DELAY_SECONDS


NEUTRAL_KINDS: Mapping[str, Kind] = {
    "status": Kind(
        _status,
        {
            "status": Arg(500, "an HTTP status from 200 to 599", _is_status),
            "body": Arg({"error": "Internal server error"}, "any JSON", anything),
            "headers": Arg({}, "an object of strings", _is_headers),
        },
    ),
    "reset": Kind(_reset),
    "lost_answer": Kind(_lost_answer),
    "slow": Kind(_slow, {"delay": Arg(1.0, "seconds, at most 30", _is_delay)}),
    "trickle": Kind(_trickle, {"delay": Arg(0.1, "seconds, at most 30", _is_delay)}),
    "truncate": Kind(_truncate),
    "html": Kind(_html),
    "replace": Kind(
        _replace,
        {"old": Arg("", "a string", is_text), "new": Arg("", "a string", is_text)},
    ),
    "date": Kind(
        _date, {"value": Arg(None, "a string, or null", lambda v: v is None or is_text(v))}
    ),
}
"""The faults of any HTTP service; each vendor adds those of its own dialect."""


class Faults:
    """The faults in force, in the order they were added."""

    def __init__(self) -> None:
        self.tables: list[Mapping[str, Kind]] = []
        """One fault table for each vendor."""
        self._active: list[Fault] = []
        self._ids = count(1)

    def add(self, rule: Mapping[str, Any]) -> Fault:
        """Put a fault in force.

        Raises:
            ValueError: the rule names an unknown kind or argument, or lacks its path.
        """
        args = dict(rule)
        path, kind = args.pop("path", None), args.pop("kind", None)
        action = args.pop("action", None)
        times, skip = args.pop("times", 1), args.pop("skip", 0)
        candidates = [table[kind] for table in self.tables if kind in table]
        if not candidates:
            kinds = sorted({name for table in self.tables for name in table})
            raise ValueError(f"unknown kind {kind!r}; one of {', '.join(kinds)}")
        checks = {
            "path must be a pattern such as '*/v2/cycle'": is_text(path),
            "action must be a string, or null": action is None or is_text(action),
            "times must be a whole number from 1, or null": times is None
            or (is_whole(times) and times > 0),
            "skip must be a whole number": is_whole(skip),
        }
        if wrong := [check for check, passed in checks.items() if not passed]:
            raise ValueError("; ".join(wrong))
        # The same kind may take other arguments at another vendor; the rule must suit one of them.
        problems = [option.problem(args) for option in candidates]
        if None not in problems:
            raise ValueError(" or ".join(dict.fromkeys(map(str, problems))))
        complete = candidates[problems.index(None)].complete(args)
        fault = Fault(next(self._ids), str(path), action, str(kind), args, complete, times, skip)
        self._active.append(fault)
        return fault

    def take(self, exchange: Exchange, table: Mapping[str, Kind]) -> Fault | None:
        """Return the fault that strikes a request to a vendor, and count the strike."""
        for fault in self._active:
            kind = table.get(fault.kind)
            if kind is None or kind.problem(fault.given) or fault.times == fault.struck:
                continue
            if not fnmatchcase(exchange.path, fault.path) or not kind.suits(exchange):
                continue
            if fault.action not in {None, exchange.fields.get("action")}:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.struck += 1
            return replace(fault, args=kind.complete(fault.given))
        return None

    def clear(self) -> None:
        """Take all faults out of force."""
        self._active.clear()

    def to_json(self) -> list[dict[str, Any]]:
        """Return the faults in force, spent ones included."""
        return [fault.to_json() for fault in self._active]
