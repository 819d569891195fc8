"""The moments that a process reaches: all are told, at some it waits, at one it may die.

Nothing of the product knows of this: a process that is forked for a test patches itself before it
begins. Only the standard library: the loader's environment has little else.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from .messages import Job

#: What a process tells: it reached a moment, or it waits there.
REACHED, WAITS = b"reached ", b"waits "
GO_ON = b"\n"


class Moments:
    """Tells a test of each moment."""

    def __init__(self, job: Job, test: socket.socket) -> None:
        self._job = job
        self._test = test
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def reach(self, moment: str) -> None:
        """Tell of a moment; whoever is to die there does, whoever is to wait there waits."""
        with self._lock:
            self._counts[moment] += 1
            waits = moment in self._job.holds
            self._test.sendall((WAITS if waits else REACHED) + moment.encode() + b"\n")
            if self.dies(moment):
                die()
            if waits and self._test.recv(1) != GO_ON:
                die()

    def next_is_last(self, moment: str) -> bool:
        """Whether the process is to die when it reaches this moment for the next time."""
        return self._is_death(moment, self._counts[moment] + 1)

    def dies(self, moment: str) -> bool:
        """Whether the process is to die at this moment, which it has just reached."""
        return self._is_death(moment, self._counts[moment])

    def around(self, owner: Any, name: str, label: Callable[..., str | None]) -> None:
        """Reach ``before X`` and ``after X`` with each call of a function.

        Args:
            owner: The module or class that has the function.
            name: The function's name.
            label: Makes X from the arguments of a call; None if that call is none of our business.
        """
        real = getattr(owner, name)

        def patched(*args: Any, **kwargs: Any) -> Any:
            what = label(*args, **kwargs)
            if what is None:
                return real(*args, **kwargs)
            self.reach(f"before {what}")
            result = real(*args, **kwargs)
            self.reach(f"after {what}")
            return result

        setattr(owner, name, patched)

    def _is_death(self, moment: str, count: int) -> bool:
        return self._job.die is not None and (moment, count) == tuple(self._job.die)


def die() -> NoReturn:
    """End this process as nothing but ``kill -9`` ends one."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody gets here")
