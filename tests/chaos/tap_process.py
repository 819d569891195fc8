"""Runs of the taps that tell each of their moments.

``before record cycles``, ``half record cycles`` (a part of the line is in the pipe) and ``after
record cycles`` stand around each Singer message; ``schema``, ``claim`` (the row of the sync log for
that stream) and ``state`` likewise. ``before request cycles``, ``during ..`` (the headers of the
answer are read, its body is not) and ``after ..`` stand around each request for data. The end of a
sync is ``before end`` and ``after end``.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import urllib3.connection
from singer_sdk.contrib.msgspec import MsgSpecWriter

from health_tap_core.pacing import PacedAdapter
from health_tap_core.tap import HealthTap
from tap_whoop.tap import TapWhoop
from tap_withings.tap import TapWithings

from .messages import name_of
from .tap_world import surround
from .zygote import serve

if TYPE_CHECKING:
    import requests

    from .messages import Job
    from .moments import Moments

TAPS: dict[str, type[HealthTap]] = {"tap-whoop": TapWhoop, "tap-withings": TapWithings}
#: Set while a request for data is on its way; those for tokens are the business of tests/grants.
_asking = threading.local()


def run(job: Job, moments: Moments) -> None:
    """Be the tap."""
    surround(job, moments)
    tell_of_messages(moments)
    tell_of_requests(moments)
    moments.around(HealthTap, "sync_all", lambda _: "end")
    TAPS[job.name].cli()


def use_grant(job: Job, _: Moments) -> None:
    """Ask the vendor who the user is, so many seconds later; ends badly if it does not tell."""
    tap, seconds = job.arguments
    later = {"machine_clock": staticmethod(lambda: time.time() + float(seconds))}
    account = type("Tap", (TAPS[tap],), later)(parse_env_config=True).account("default")
    if account.error:
        raise account.error


def tell_of_messages(moments: Moments) -> None:
    """Reach a moment before, within and after each Singer message."""
    moments.around(MsgSpecWriter, "write_message", lambda _, message: name_of(message.to_dict()))
    serialize = MsgSpecWriter.serialize_message

    def patched(self: MsgSpecWriter, message: Any) -> bytearray:
        line = serialize(self, message)
        half = f"half {name_of(message.to_dict())}"
        if moments.next_is_last(half):
            sys.stdout.buffer.write(line[: len(line) // 2])
            sys.stdout.flush()
        moments.reach(half)
        return line

    MsgSpecWriter.serialize_message = patched  # type: ignore[method-assign]


def tell_of_requests(moments: Moments) -> None:
    """Reach a moment before, within and after each request for data."""
    moments.around(PacedAdapter, "send", lambda _, request, **__: question(request))
    getresponse = urllib3.connection.HTTPConnection.getresponse
    send = PacedAdapter.send

    def patched_send(self: PacedAdapter, request: requests.PreparedRequest, **kw: Any) -> Any:
        _asking.question = question(request)
        try:
            return send(self, request, **kw)
        finally:
            _asking.question = None

    def patched(self: urllib3.connection.HTTPConnection) -> Any:
        answer = getresponse(self)
        if asked := getattr(_asking, "question", None):
            moments.reach(f"during {asked}")
        return answer

    PacedAdapter.send = patched_send  # type: ignore[method-assign]
    urllib3.connection.HTTPConnection.getresponse = patched  # type: ignore[method-assign]


def question(request: requests.PreparedRequest) -> str:
    """What a request asks for: the last word of its path, or its action where it has one."""
    address = urlsplit(str(request.url))
    body = request.body.decode() if isinstance(request.body, bytes) else str(request.body or "")
    fields = {**parse_qs(address.query), **parse_qs(body)}
    name = fields.get("action", [address.path.rpartition("/")[2]])[0]
    later = int(fields.get("offset", ["0"])[0]) > 0 or "nextToken" in fields
    return f"request {name}{' next page' if later else ''}"


if __name__ == "__main__":
    serve({**dict.fromkeys(TAPS, run), "use-grant": use_grant})
