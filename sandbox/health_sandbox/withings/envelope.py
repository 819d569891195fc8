"""Withings' envelope: HTTP 200 whatever happens, and the truth in ``status``.

The families of status codes are documented (developer.withings.com, API reference, Response
status); the text of ``error`` is not, and repeats what public clients have seen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from health_sandbox.forms import read_form

if TYPE_CHECKING:
    from starlette.requests import Request

Fields = Mapping[str, str]
"""The parameters of a request."""

Act = Callable[["Request", Fields], Mapping[str, Any]]
"""Does what an action of a service does and returns the body, or raises ``Refusal``."""

INVALID_PARAMS = "Invalid Params"


class Status(IntEnum):
    """The ``status`` of an envelope."""

    OK = 0
    INVALID_USER = 247
    INVALID_SIGNATURE = 342
    INVALID_TOKEN = 401
    MISSING_SCOPE = 403
    INVALID_PARAMS = 503
    TOO_MANY_REQUESTS = 601
    NOT_IMPLEMENTED = 2554


class Refusal(Exception):  # noqa: N818 - an answer to the client, no error of the sandbox
    """An answer whose status is not 0."""

    def __init__(self, status: Status, error: str, body: Mapping[str, Any] | None = None) -> None:
        super().__init__(error)
        self.status, self.error, self.body = status, error, body or {}

    def to_json(self) -> dict[str, Any]:
        """Return the envelope."""
        return {"status": self.status, "body": self.body, "error": self.error}


def _not_implemented(_: Request, __: Fields) -> Mapping[str, Any]:
    raise Refusal(Status.NOT_IMPLEMENTED, "Not implemented")


@dataclass(frozen=True)
class Service:
    """One path, at which the field ``action`` says what to do."""

    path: str
    actions: Mapping[str, Act]
    takes_query: bool = False
    """Whether GET with a query works as well as POST with a form."""
    logged: Collection[str] | None = None
    """The fields that the request log may show; ``None`` is all."""

    def route(self) -> Route:
        """Return the route, relative to the vendor's root."""
        return Route(self.path, self.answer, methods=[*["GET"] * self.takes_query, "POST"])

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        fields = await read_form(request)
        if self.takes_query:
            fields = {**request.query_params, **fields}
        request.state.asked = {
            name: value
            for name, value in fields.items()
            if self.logged is None or name in self.logged
        }
        fields = {**fields, **request.state.instead}
        try:
            act = self.actions.get(fields.get("action", ""), _not_implemented)
            content = {"status": Status.OK, "body": act(request, fields)}
        except Refusal as refusal:
            content = refusal.to_json()
        return JSONResponse(content, headers={"Cache-Control": "no-store"})


def need(fields: Fields, *names: str) -> list[str]:
    """Return the values of fields that must be there.

    Raises:
        Refusal: one is missing or empty.
    """
    if not all(fields.get(name) for name in names):
        raise Refusal(Status.INVALID_PARAMS, INVALID_PARAMS)
    return [fields[name] for name in names]
