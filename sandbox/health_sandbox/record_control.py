"""The part of the control endpoint that every vendor with data has: the truth, and edits."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .control import read_object
from .member_control import find_member
from .timeline import Body, Edit, Ledger, Record, Row, Version, merge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from starlette.requests import Request

    from .clock import Clock


class Account(Protocol):
    """One member's records at one vendor."""

    ledger: Ledger

    def rows(self, collection: str, now: int) -> Mapping[str, Row]:
        """Return what a collection shows at an instant by id."""


A = TypeVar("A", bound=Account)


def by(field: str) -> Callable[[Body], str]:
    """Return what tells records apart by one of their fields."""
    return lambda body: str(body[field])


def _at_once(_: Body, now: int) -> int:
    return now


def _accept(_: Body) -> None:
    """Accept any record."""


def _alone(_: Account, __: str, ___: int) -> Iterable[tuple[str, str]]:
    return ()


@dataclass(frozen=True)
class Collection(Generic[A]):
    """What a test may do to the records of a collection; by default it may only read them."""

    key: Callable[[Body], str] | None = None
    """Tells what identifies a record; ``None``: the records follow from others."""
    complete: Callable[[A, Body, int], Body] | None = None
    """Makes a whole, plausible record of now around the fields that are given."""
    check: Callable[[Body], object] = _accept
    """Reads what the server itself will read of a record; if it cannot, the record is refused."""
    stamp: Callable[[Body, int], Body] = lambda _, __: {}
    """The fields of a record that tell of an edit."""
    shown: Callable[[Body, int], int] = _at_once
    """From which instant on an added record is visible."""
    goes_along: Callable[[A, str, int], Iterable[tuple[str, str]]] = _alone
    """The other records, by collection and id, that a deletion takes along."""


@contextmanager
def _refusing_nonsense() -> Iterator[None]:
    """Refuse a record that the server itself could not read afterwards."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise HTTPException(400, f"the record makes no sense: {error!r}") from error


@dataclass(frozen=True)
class RecordControl(Generic[A]):
    """Handlers of the records below ``/control/{vendor}/members/{member}``."""

    clock: Clock
    accounts: Mapping[str, A]
    collections: Mapping[str, Collection[A]]

    def routes(self) -> list[Route]:
        """Return the routes, relative to ``/control/{vendor}``."""
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
        account, (name, _) = self._account(request), self._collection(request)
        rows = account.rows(name, self.clock.now()).values()
        return JSONResponse({"records": [row.body for row in rows]})

    async def add(self, request: Request) -> JSONResponse:
        """Add a record."""
        account, (name, collection) = self._account(request), self._collection(request)
        if collection.complete is None or collection.key is None:
            raise HTTPException(400, f"{name} takes no additions")
        given, now = await read_object(request), self.clock.now()
        with _refusing_nonsense():
            body = collection.complete(account, given, now)
            collection.check(body)
            shown = collection.shown(body, now)
            record_id = collection.key(body)
        if record_id in account.rows(name, now):
            raise HTTPException(409, f"{name} already holds {record_id}")
        account.ledger.put(name, Record(record_id, [Version(shown, body)]))
        return JSONResponse(body, 201)

    async def edit(self, request: Request) -> JSONResponse:
        """Merge a change into a record; its stamp becomes now unless the change sets it."""
        account, name, collection, record_id = self._record(request)
        now = self.clock.now()
        before = account.rows(name, now)[record_id].body
        change = {**collection.stamp(before, now), **await read_object(request)}
        with _refusing_nonsense():
            collection.check(merge(before, change))
        account.ledger.edit(name, record_id, Edit(now, change))
        return JSONResponse(account.rows(name, now)[record_id].body)

    async def delete(self, request: Request) -> Response:
        """Delete a record, and what goes along with it."""
        account, name, collection, record_id = self._record(request)
        now = self.clock.now()
        for other, other_id in [*collection.goes_along(account, record_id, now)]:
            account.ledger.edit(other, other_id, Edit(now, None))
        account.ledger.edit(name, record_id, Edit(now, None))
        return Response(status_code=204)

    def _account(self, request: Request) -> A:
        return find_member(request, self.accounts)

    def _collection(self, request: Request) -> tuple[str, Collection[A]]:
        name: str = request.path_params["collection"]
        if name not in self.collections:
            known = ", ".join(self.collections)
            raise HTTPException(404, f"no collection {name!r}; one of {known}")
        return name, self.collections[name]

    def _record(self, request: Request) -> tuple[A, str, Collection[A], str]:
        account, (name, collection) = self._account(request), self._collection(request)
        if collection.key is None:
            raise HTTPException(400, f"{name} takes no edits, they follow from other records")
        record_id: str = request.path_params["record_id"]
        if record_id not in account.rows(name, self.clock.now()):
            raise HTTPException(404, f"{name} holds no {record_id}")
        return account, name, collection, record_id
