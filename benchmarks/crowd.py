"""WHOOP for as many members as one likes, each with a week: for runs of many accounts only."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

_DAYS = range(25, 32)


def access_token(member: int) -> str:
    """What member number so many is known by."""
    return f"access-{member}"


class Crowd:
    """The vendor, on loopback; a member is known by the number in the access token.

    Attributes:
        minute: Of the first hour after noon, which is what the tap takes as the present.
    """

    minute = 0

    def __enter__(self) -> Self:
        handler = type("_CrowdHandler", (_Handler,), {"crowd": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    crowd: Crowd
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for an answer
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        member = int(self.headers["Authorization"].rpartition("-")[2])
        body = json.dumps(_answer(urlsplit(self.path).path, member)).encode()
        self.send_response_only(200)
        self.send_header("Date", f"Mon, 01 Jun 2026 12:{self.crowd.minute:02d}:00 GMT")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _answer(path: str, member: int) -> dict[str, Any]:
    if path.endswith("/profile/basic"):
        return {"user_id": member, "email": "", "first_name": "", "last_name": ""}
    if path.endswith("/measurement/body"):
        return {"height_meter": 1.7, "weight_kilogram": 70, "max_heart_rate": 190}
    if path.endswith("/workout"):
        return {"records": [], "next_token": ""}
    return {"records": [_record(path, member, day) for day in _DAYS], "next_token": ""}


def _record(path: str, member: int, day: int) -> dict[str, Any]:
    number = 100 * member + day
    record = {
        "id": number,
        "user_id": member,
        "created_at": f"2026-05-{day}T06:00:00.000Z",
        "updated_at": f"2026-05-{day}T06:10:00.000Z",
        "start": f"2026-05-{day}T06:00:00.000Z",
        "end": f"2026-05-{day}T22:00:00.000Z",
        "timezone_offset": "+02:00",
        "score_state": "PENDING_SCORE",
    }
    if path.endswith("/cycle"):
        return record
    sleep = f"00000000-0000-4000-8000-{number:012d}"
    if path.endswith("/sleep"):
        return {**record, "id": sleep, "cycle_id": number, "nap": False}
    return {**record, "cycle_id": number, "sleep_id": sleep}
