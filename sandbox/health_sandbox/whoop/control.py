"""WHOOP's own part of the control endpoint: the truth, and edits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from health_sandbox.control import read_object
from health_sandbox.instants import format_instant
from health_sandbox.member_control import find_member
from health_sandbox.timeline import Body, Edit, Record, Version, merge

from .additions import DEFAULTS, KEYS
from .history import SPANS, History

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from health_sandbox.clock import Clock


@dataclass(frozen=True)
class WhoopControl:
    """Handlers below ``/control/whoop``."""

    clock: Clock
    histories: Mapping[str, History]

    def routes(self) -> list[Route]:
        """Return the routes, relative to ``/control/whoop``."""
        member = "/members/{member}"
        record = member + "/{collection}/{record_id}"
        return [
            Route(member + "/truth/{collection}", self.truth, methods=["GET"]),
            Route(member + "/{collection}", self.add, methods=["POST"]),
            Route(record, self.edit, methods=["PATCH"]),
            Route(record, self.delete, methods=["DELETE"]),
        ]

    async def truth(self, request: Request) -> JSONResponse:
        """Return every record of a collection as the API would show it now."""
        history, collection = self._history(request), self._collection(request)
        rows = history.rows(collection, self.clock.now()).values()
        return JSONResponse({"records": [row.body for row in rows]})

    async def add(self, request: Request) -> JSONResponse:
        """Add a record, visible at once."""
        history, collection = self._history(request), self._collection(request)
        if collection not in DEFAULTS:
            raise HTTPException(400, f"{collection} takes no additions, only edits")
        now = self.clock.now()
        body = merge(DEFAULTS[collection](history, now), await read_object(request))
        record_id = str(body[KEYS[collection]])
        if record_id in history.rows(collection, now):
            raise HTTPException(409, f"{collection} already holds {record_id}")
        self._check(collection, body)
        history.ledger.put(collection, Record(record_id, [Version(now, body)]))
        return JSONResponse(body, 201)

    async def edit(self, request: Request) -> JSONResponse:
        """Merge a change into a record; ``updated_at`` becomes now unless the change sets it."""
        history, collection, record_id = self._record(request)
        now = self.clock.now()
        before = history.rows(collection, now)[record_id].body
        change = await read_object(request)
        if "updated_at" in before:
            change = {"updated_at": format_instant(now), **change}
        self._check(collection, merge(before, change))
        history.ledger.edit(collection, record_id, Edit(now, change))
        return JSONResponse(history.rows(collection, now)[record_id].body)

    async def delete(self, request: Request) -> Response:
        """Delete a record; a sleep takes its recovery along (WHOOP webhooks page)."""
        history, collection, record_id = self._record(request)
        now = self.clock.now()
        if collection == "sleeps":
            for recovery in history.rows("recoveries", now).values():
                if recovery.body["sleep_id"] == record_id:
                    history.ledger.edit("recoveries", recovery.id, Edit(now, None))
        history.ledger.edit(collection, record_id, Edit(now, None))
        return Response(status_code=204)

    def _history(self, request: Request) -> History:
        return find_member(request, self.histories)

    def _collection(self, request: Request) -> str:
        name: str = request.path_params["collection"]
        if name not in SPANS:
            raise HTTPException(404, f"no collection {name!r}; one of {', '.join(SPANS)}")
        return name

    def _record(self, request: Request) -> tuple[History, str, str]:
        history, collection = self._history(request), self._collection(request)
        record_id: str = request.path_params["record_id"]
        if record_id not in history.rows(collection, self.clock.now()):
            raise HTTPException(404, f"{collection} holds no {record_id}")
        return history, collection, record_id

    def _check(self, collection: str, body: Body) -> None:
        """Refuse a record whose time the server itself could not read afterwards."""
        try:
            SPANS[collection](body, lambda _, __: None)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise HTTPException(400, f"start and end must be date-times: {error}") from error
