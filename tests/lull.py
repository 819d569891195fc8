"""The invented vendor of docs/add-a-vendor.md: its API, over HTTP."""

from __future__ import annotations

import json
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from typing_extensions import Self

PAGE_SIZE = 2


def night(date: int, heart_rate: float) -> dict[str, Any]:
    """The night that ends on a date of May."""
    return {
        "id": f"n{date}",
        "user_id": 7,
        "updated_at": f"2026-05-{date}T06:10:00Z",
        "start": f"2026-05-{date - 1}T21:30:00Z",
        "end": f"2026-05-{date}T06:00:00Z",
        "utc_offset": "+02:00",
        "resting_heart_rate": heart_rate,
        "stages": {"awake": 1800, "light": 14400, "deep": 5400, "rem": 9000},
    }


def spot_check(date: int, spo2: float) -> dict[str, Any]:
    """What was measured at noon of a date of May."""
    return {
        "id": f"s{date}",
        "user_id": 7,
        "updated_at": f"2026-05-{date}T10:00:01Z",
        "measured_at": f"2026-05-{date}T10:00:00Z",
        "utc_offset": "+02:00",
        "spo2": spo2,
    }


class Lull:
    """One member, whose records a test may change.

    Attributes:
        records: Of each collection, by id, as the API tells them.
        date: What every answer says that the time is (RFC 9110).
        refresh_token: The only one that is good for a refresh.
    """

    def __init__(self, date: str) -> None:
        self.date = date
        self.records: dict[str, dict[str, dict[str, Any]]] = {
            "/v1/nights": {f"n{date}": night(date, 50 + date / 2) for date in (29, 30, 31)},
            "/v1/spot_checks": {f"s{date}": spot_check(date, 97.5) for date in (30, 31)},
        }
        self.refresh_token = "refresh-0"
        self._access_token = ""
        self._refreshes = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Base of the API."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def refresh(self, form: Mapping[str, str]) -> tuple[HTTPStatus, Any]:
        """The token endpoint: a refresh token is good once."""
        if form.get("refresh_token") != self.refresh_token:
            return HTTPStatus.BAD_REQUEST, {"error": "invalid_grant"}
        self._refreshes += 1
        self._access_token = f"access-{self._refreshes}"
        self.refresh_token = f"refresh-{self._refreshes}"
        return HTTPStatus.OK, {
            "access_token": self._access_token,
            "refresh_token": self.refresh_token,
            "expires_in": 3600,
            "scope": "profile nights offline",
        }

    def answer(
        self, path: str, query: Mapping[str, str], authorization: str
    ) -> tuple[HTTPStatus, Any]:
        """The API. A record is found by overlap with what was asked for."""
        if authorization != f"Bearer {self._access_token}":
            return HTTPStatus.UNAUTHORIZED, {}
        if path == "/v1/me":
            return HTTPStatus.OK, {"user_id": 7, "first_name": "Ada"}
        found = [
            record
            for _, record in sorted(self.records[path].items())
            if _began(record) < query["until"] and _ended(record) > query["from"]
        ]
        first = int(query.get("page", 0))
        until = first + PAGE_SIZE
        more = str(until) if until < len(found) else None
        return HTTPStatus.OK, {"records": found[first:until], "next_page": more}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        lull = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(url.query).items()}
                self._send(*lull.answer(url.path, query, self.headers["Authorization"]))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                self._send(*lull.refresh(form))

            def _send(self, status: HTTPStatus, answer: Any) -> None:
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002
                return lull.date

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _began(record: Mapping[str, str]) -> str:
    return record.get("start") or record["measured_at"]


def _ended(record: Mapping[str, str]) -> str:
    return record.get("end") or record["measured_at"]
