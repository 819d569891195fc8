"""Runs of the loader that tell each of their moments.

Around each Singer message that it takes: ``before record cycles``, ``after record cycles`` and so
on, named as in the tap's trace. ``before end of input``. Around each commit: ``before commit X``,
``sent commit X`` (nobody has read whether it was carried out), ``answered commit X`` (it was, and
the answer is unread) and ``after commit X``, where X is ``schema``, ``ddl cycles`` or
``rows cycles``. Around the line that confirms a state: ``before confirmation``, ``after
confirmation``.
"""

from __future__ import annotations

import select
import threading
from typing import TYPE_CHECKING, Any

import psycopg
from singer_sdk.target_base import Target
from target_postgres.connector import PostgresConnector  # type: ignore[import-not-found]
from target_postgres.sinks import PostgresSink  # type: ignore[import-not-found]

from health_tools import loader

from .messages import Job, name_of
from .zygote import serve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .moments import Moments

#: What the thread is about to commit.
_work = threading.local()


def run(job: Job, moments: Moments) -> None:
    """Be the loader."""
    tell_of_messages(moments)
    tell_of_commits(moments)
    moments.around(Target, "process_endofpipe", lambda _: "end of input")
    moments.around(Target, "_write_state_message", lambda *_: "confirmation")
    if job.drain_every:
        let_time_pass(job.drain_every)
    if job.drain_order is not None:
        drain_in_order(job.drain_order)
    loader.main()


def tell_of_messages(moments: Moments) -> None:
    """Reach a moment before and after each Singer message."""
    for kind in ("schema", "record", "state"):
        moments.around(Target, f"_process_{kind}_message", lambda _, message: name_of(message))


def tell_of_commits(moments: Moments) -> None:
    """Reach moments around each commit, and name what is committed."""
    _name_work(PostgresConnector, "prepare_schema", lambda *_: "schema")
    _name_work(PostgresSink, "setup", lambda sink: f"ddl {sink.stream_name}")
    _name_work(PostgresSink, "process_batch", lambda sink, _: f"rows {sink.stream_name}")
    commit = psycopg.Connection.commit

    def patched(self: psycopg.Connection[Any]) -> None:
        what = getattr(_work, "name", None)
        if what is None:
            commit(self)
            return
        before, sent, answered, after = (
            f"{when} commit {what}" for when in ("before", "sent", "answered", "after")
        )
        moments.reach(before)
        if moments.next_is_last(sent) or moments.next_is_last(answered):
            _send_commit(self.pgconn)
            moments.reach(sent)
            select.select([self.fileno()], [], [])
            moments.reach(answered)
        moments.reach(sent)
        commit(self)
        moments.reach(answered)
        moments.reach(after)

    psycopg.Connection.commit = patched  # type: ignore[method-assign]


def _send_commit(server: Any) -> None:
    server.send_query(b"COMMIT")
    while server.flush():
        pass


def _name_work(owner: Any, name: str, label: Any) -> None:
    real = getattr(owner, name)

    def patched(*args: Any, **kwargs: Any) -> Any:
        before, _work.name = getattr(_work, "name", None), label(*args, **kwargs)
        try:
            return real(*args, **kwargs)
        finally:
            _work.name = before

    setattr(owner, name, patched)


def let_time_pass(records: int) -> None:
    """Have the five minutes after which the loader drains pass with so many records."""
    take = Target._process_record_message

    def patched(self: Target, message: dict[str, Any]) -> None:
        _work.taken = getattr(_work, "taken", 0) + 1
        if _work.taken % records == 0:
            self._last_full_drain_at -= 60 * self._MAX_RECORD_AGE_IN_MINUTES + 1
        take(self, message)

    Target._process_record_message = patched  # type: ignore[method-assign, assignment]


def drain_in_order(first: Iterable[str]) -> None:
    """Drain one table after the other: those named in their order, then the rest in the usual."""
    order = [*first]
    drain = Target._drain_all

    def rank(sink: Any) -> int:
        return order.index(sink.stream_name) if sink.stream_name in order else len(order)

    def patched(self: Target, sinks: Iterable[Any], _: int) -> None:
        drain(self, sorted(sinks, key=rank), 1)

    Target._drain_all = patched  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    serve({"target-postgres": run})
