"""The gate every vendor request passes: it strikes faults, logs the request, drops connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from .faults import Answer, Exchange, Faults, Kind
from .instants import format_instant
from .request_log import LoggedRequest, RequestLog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from .clock import Clock
    from .grants import Grants


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
            replay = _replay(await request.body(), receive)
        except ClientDisconnect:
            return  # half a request is none
        grant = self.grants.find(bearer_token(request))
        if grant is not None:
            request.state.member = grant.member
        at = format_instant(self.clock.now())
        answer = await self._answer(request, scope, replay)
        self.log.append(
            LoggedRequest(
                method=request.method,
                path=scope["path"],
                query=getattr(request.state, "asked", dict(request.query_params)),
                status=answer.status if answer else None,
                member=getattr(request.state, "member", None),
                at=at,
            )
        )
        if answer is None:
            await _drop(request, receive)
            return
        response = Response(answer.body, answer.status, dict(answer.headers))
        await response(scope, receive, send)

    async def _answer(self, request: Request, scope: Scope, receive: Receive) -> Answer | None:
        async def proceed() -> Answer:
            return await _collect(self.app, scope, receive)

        exchange = Exchange(scope["path"], request.query_params, proceed)
        fault = self.faults.take(exchange, self.kinds)
        if fault is None:
            return await proceed()
        return await self.kinds[fault.kind].strike(fault, exchange)


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


async def _drop(request: Request, receive: Receive) -> None:
    """Reset the TCP connection and wait until the server has noticed."""
    request.state.reset_connection()
    while (await receive())["type"] != "http.disconnect":
        pass
