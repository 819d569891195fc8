"""Keeps what taps hand to loaders, and what ends them, where a test runs a tap in its own process.

Both pass by everything that pytest captures: records and state go to the test as objects, and an
expected exception is one that nobody prints.
"""

from __future__ import annotations

import traceback
from functools import wraps
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from health_tap_core.testing import MessageCollector

if TYPE_CHECKING:
    from .notes import Notes


def keep_messages(notes: Notes) -> None:
    """From now on, note each Singer message that a test collects."""
    write = MessageCollector.write_message

    @wraps(write)
    def write_and_note(collector: MessageCollector, message: Any) -> None:
        write(collector, message)
        notes.add(msgspec.json.encode(collector.messages[-1]) + b"\n")

    MessageCollector.write_message = write_and_note  # type: ignore[assignment,method-assign]


def keep_exceptions(notes: Notes) -> None:
    """From now on, note each expected exception, with all that is chained to it.

    Not that of a failed assertion: pytest writes the values into it that the test compares.
    """
    leave = pytest.RaisesExc.__exit__

    @wraps(leave)
    def leave_and_note(expected: Any, kind: Any, raised: Any, where: Any) -> bool:
        if raised is not None and not isinstance(raised, AssertionError):
            notes.add("".join(traceback.format_exception(kind, raised, where)))
        return leave(expected, kind, raised, where)

    pytest.RaisesExc.__exit__ = leave_and_note  # type: ignore[method-assign]
