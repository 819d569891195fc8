"""How a process is made to end itself at exactly one moment of a refresh.

Nothing of the product knows of this. Each is a patch of a function that the product calls at that
moment, in the library beneath it where there is one: the closer to the operating system, the more
of the product has really run.
"""

from __future__ import annotations

import http.client
import io
import os
import select
import struct
from collections.abc import Callable
from typing import Any, NoReturn

import psycopg
import urllib3.connection

from health_tap_core.oauth.stores import file as file_store

End = Callable[[], NoReturn]
Install = Callable[[End], None]


def before(owner: Any, name: str, *, call: int = 1) -> Install:
    """End in place of a call of a function."""

    def install(end: End) -> None:
        real, calls = getattr(owner, name), 0

        def patched(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == call:
                end()
            return real(*args, **kwargs)

        setattr(owner, name, patched)

    return install


def after(owner: Any, name: str, *, call: int = 1) -> Install:
    """End when a call of a function has done its work, before it returns."""

    def install(end: End) -> None:
        real, calls = getattr(owner, name), 0

        def patched(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            result = real(*args, **kwargs)
            if calls == call:
                end()
            return result

        setattr(owner, name, patched)

    return install


def half_of_the_form(end: End) -> None:
    """The headers go out first, then the form: send half of that."""
    real, calls = http.client.HTTPConnection.send, 0

    def patched(self: http.client.HTTPConnection, data: bytes) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            real(self, data)
            return
        real(self, data[: len(data) // 2])
        end()

    http.client.HTTPConnection.send = patched  # type: ignore[assignment, method-assign]


def answer_unread(end: End) -> None:
    """Wait until the answer can be read, so the vendor has replaced the token. Do not read it."""

    def patched(self: urllib3.connection.HTTPConnection) -> NoReturn:
        select.select([self.sock], [], [])
        end()

    urllib3.connection.HTTPConnection.getresponse = patched  # type: ignore[method-assign]


class _Torn(io.FileIO):
    """A file that takes a part of what it is given, and nothing any more."""

    share: float
    end: End

    def write(self, content: Any, /) -> NoReturn:
        super().write(bytes(content)[: int(len(content) * self.share)])
        self.end()


def _share_of_the_file(share: float) -> Install:
    """The first file that the store opens is the reserve, the second the grant: a part of that."""

    def install(end: End) -> None:
        calls = 0

        def patched(descriptor: int, mode: str) -> io.BufferedWriter:
            nonlocal calls
            calls += 1
            if calls == 1:
                return io.BufferedWriter(io.FileIO(descriptor, mode))
            torn = _Torn(descriptor, mode)
            torn.share, torn.end = share, end
            return io.BufferedWriter(torn)

        vars(file_store)["open"] = patched  # a module's own name goes before the built-in one

    return install


half_of_the_file = _share_of_the_file(0.5)
#: What is left of the reserve follows: the store has not cut it off yet.
all_of_the_file = _share_of_the_file(1)


def _in_place_of_the_update(act: Callable[[psycopg.ClientCursor[Any], bytes], None]) -> Install:
    """Do this with the message that replaces and commits the grant, and end.

    That message is all that the store uses a client-side cursor for.
    """

    def install(end: End) -> None:
        def patched(self: psycopg.ClientCursor[Any], query: Any, values: Any) -> NoReturn:
            act(self, self.mogrify(query, values).encode())
            end()

        psycopg.ClientCursor.execute = patched  # type: ignore[assignment, method-assign]

    return install


def _send_half(cursor: psycopg.ClientCursor[Any], statements: bytes) -> None:
    # A Query message is "Q", its length, the text, NUL; libpq itself would send it whole.
    message = b"Q" + struct.pack("!I", 4 + len(statements) + 1) + statements + b"\0"
    os.write(cursor.connection.fileno(), message[: len(message) // 2])


def _send(cursor: psycopg.ClientCursor[Any], statements: bytes) -> None:
    server = cursor.connection.pgconn
    server.send_query(statements)
    while server.flush():
        pass


def _send_and_wait(cursor: psycopg.ClientCursor[Any], statements: bytes) -> None:
    # The server answers such a message at its end, so an answer means that it has committed.
    _send(cursor, statements)
    select.select([cursor.connection.fileno()], [], [])


half_of_the_update = _in_place_of_the_update(_send_half)
update_sent = _in_place_of_the_update(_send)
update_answered = _in_place_of_the_update(_send_and_wait)
