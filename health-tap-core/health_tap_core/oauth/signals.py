"""Signals that wait until a refresh token is safe."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What a terminal or a scheduler sends to end a process that may still tidy up.
HELD_BACK = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@contextlib.contextmanager
def signals_held_back() -> Iterator[None]:
    """Let nothing that can be held back end the process inside; it takes effect right after.

    Handlers are swapped, not masked: a mask would leave the process's other threads open, and
    Python runs every handler in the main thread. Only that thread may swap them; in another one
    this does nothing, because a handler's exit cannot strike there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []

    def note(signum: int, _: Any) -> None:
        arrived.append(signum)

    # None is a handler that is not Python's; it could not be put back.
    found = {number: signal.getsignal(number) for number in HELD_BACK}
    handlers = {number: handler for number, handler in found.items() if handler is not None}
    for number in handlers:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for signum in arrived:
            signal.raise_signal(signum)
