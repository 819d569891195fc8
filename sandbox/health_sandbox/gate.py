"""The gate every vendor request passes: it strikes faults, logs the request, drops connections."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from .faults import TRICKLE_PIECES, Answer, Exchange, Faults, Kind
from .instants import format_instant
from .request_log import LoggedRequest, RequestLog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from .clock import Clock
    from .grants import Grants


_FORM = "application/x-www-form-urlencoded"


def bearer_token(request: Request) -> str:
    """Return the bearer token of a request, or an empty string."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True)
class Gate:
    """ASGI middleware around all routes of one vendor."""

    app: ASGIApp
    clock: Clock
    faults: Faults
    kinds: Mapping[str, Kind]
    grants: Grants
    log: RequestLog

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or drop its connection."""
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return  # half a request is none
        grant = self.grants.find(bearer_token(request))
        if grant is not None:
            request.state.member = grant.member
        at = format_instant(self.clock.now())
        answer = await self._answer(request, body, receive)
        self.log.append(
            LoggedRequest(
                method=request.method,
                path=scope["path"],
                query=getattr(request.state, "asked", _asked(request, body)),
                status=answer.status if answer else None,
                member=getattr(request.state, "member", None),
                at=at,
            )
        )
        if answer is None:
            await _drop(request, receive)
            return
        await _respond(answer)(scope, receive, send)

    async def _answer(self, request: Request, body: bytes, receive: Receive) -> Answer | None:
        async def proceed(**instead: str) -> Answer:
            request.state.instead = instead
            return await _collect(self.app, request.scope, _replay(body, receive))

        fields = {**request.query_params, **_form(request, body)}
        exchange = Exchange(request.scope["path"], fields, proceed)
        fault = self.faults.take(exchange, self.kinds)
        if fault is None:
            return await proceed()
        return await self.kinds[fault.kind].strike(fault, exchange)


def _asked(request: Request, body: bytes) -> dict[str, str]:
    """Return what may be told of a request that its handler never saw: of a form the action."""
    form = _form(request, body)
    return {**request.query_params, **{name: form[name] for name in ("action",) if name in form}}


def _form(request: Request, body: bytes) -> dict[str, str]:
    """Return the fields of a form, as far as a fault may look at them."""
    if not request.headers.get("content-type", "").startswith(_FORM):
        return {}
    return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))


def _replay(body: bytes, receive: Receive) -> Receive:
    """Hand out a body that was read already: whoever has sent it all may go."""
    unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return unread.pop() if unread else await receive()

    return replay


async def _collect(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """Run the vendor's handler and return its answer whole."""
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    # Framing belongs to the answer that is sent, which a fault may have changed.
    headers.pop("content-length", None)
    body = b"".join(message.get("body", b"") for message in messages[1:])
    return Answer(messages[0]["status"], headers, body)


def _respond(answer: Answer) -> Response:
    if not answer.pause:
        return Response(answer.body, answer.status, dict(answer.headers))
    size = -(-len(answer.body) // TRICKLE_PIECES)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(answer.body), size):
            await asyncio.sleep(answer.pause)
            yield answer.body[start : start + size]

    framed = {**answer.headers, "content-length": str(len(answer.body))}
    return StreamingResponse(pieces(), answer.status, framed)


async def _drop(request: Request, receive: Receive) -> None:
    """Reset the TCP connection and wait until the server has noticed."""
    request.state.reset_connection()
    while (await receive())["type"] != "http.disconnect":
        pass
