"""What every line of a tap's log says beside its text: which run, and whose which stream.

The fields are attributes of the log records, so the SDK's formatter writes them, Meltano passes
them on, and whoever reads JSON finds them:

* ``sync_run_id``: the ``run_id`` of this run's rows in the sync log;
* ``account`` and ``stream_name``: what is being read; not there while it is nothing in particular.
"""

from __future__ import annotations

import logging
import os
import uuid
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

#: By this variable Meltano is told its own run's id; then the tap's run has the same.
VARIABLE = "MELTANO_RUN_ID"

_fields: ContextVar[dict[str, str] | None] = ContextVar("log_fields", default=None)


def new_run_id() -> str:
    """The id of a run: Meltano's if somebody chose that, else a new one."""
    try:
        return str(uuid.UUID(os.environ.get(VARIABLE, "")))
    except ValueError:
        return str(uuid.uuid4())


@contextmanager
def log_fields(**fields: str) -> Iterator[None]:
    """Have every line that is logged meanwhile say more."""
    _install()
    before = _fields.set({**(_fields.get() or {}), **fields})
    try:
        yield
    finally:
        _fields.reset(before)


@cache
def _install() -> None:
    # Not a filter: a logger's own sees no lines of its children, and a handler's is gone as soon as
    # somebody configures logging.
    make = logging.getLogRecordFactory()

    def with_fields(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        record.__dict__.update(_fields.get() or {})
        return record

    logging.setLogRecordFactory(with_fields)
