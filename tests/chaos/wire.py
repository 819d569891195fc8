"""A wire between the loader and its database that a test can cut."""

from __future__ import annotations

import select
import socket
import struct
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .cell import Cell
    from .strikes import Settings

#: The end of the Query message with which psycopg commits.
_COMMIT = b"COMMIT\0"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Wire:
    """Carries bytes both ways, until it is told otherwise."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()
        self._loses_request = self._loses_answer = False

    def lose_request(self) -> None:
        """Cut it instead of carrying the next commit: the server never hears of it."""
        self._loses_request = True

    def lose_answer(self) -> None:
        """Carry the next commit, and cut it when the server has answered."""
        self._loses_answer = True

    def cut(self) -> None:
        """Cut it for good: whoever is connected is reset, and nobody gets through any more."""
        with suppress(OSError):  # it was cut before
            self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self._reset()
        for thread in self._threads:
            thread.join()

    def _listen(self) -> None:
        with self._listener, suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                self._ends += [client, server]
                self._threads.append(threading.Thread(target=self._carry, args=(client, server)))
                self._threads[-1].start()

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        others, is_doubtful = {client: server, server: client}, False
        with client, server, suppress(OSError):
            while True:
                for source in select.select([client, server], [], [])[0]:
                    content = source.recv(65_536)
                    is_commit = source is client and content.endswith(_COMMIT)
                    if not content:
                        return
                    if (is_commit and self._loses_request) or (source is server and is_doubtful):
                        self._reset()
                        return
                    is_doubtful = is_commit and self._loses_answer
                    others[source].sendall(content)

    def _reset(self) -> None:
        for end in self._ends:
            with suppress(OSError):  # it was closed before
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def wired(cell: Cell) -> Iterator[tuple[Wire, Settings]]:
    """A wire to a cell's database, and the settings with which the loader uses it."""
    wire = Wire(cell.database.host, cell.database.port)
    services = cell.root / "wired.conf"
    lines = {**cell.database.parameters, "port": str(wire.port)}
    services.write_text("\n".join(["[demo]", *(f"{k}={v}" for k, v in lines.items()), ""]))
    services.chmod(0o600)
    try:
        yield wire, {"PGSERVICEFILE": str(services)}
    finally:
        wire.cut()
        services.unlink()
