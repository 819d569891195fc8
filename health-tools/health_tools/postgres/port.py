"""The loopback port of the server: chosen once, then kept."""

from __future__ import annotations

import random
import socket
import time

LOOPBACK = "127.0.0.1"

# Below the range from which systems take the ports of outgoing connections: a port from there
# could be in passing use at any later start.
_CANDIDATES = range(20_000, 30_000)
_GRACE_SECONDS = 2.0
_ATTEMPTS = 100


def is_free(port: int) -> bool:
    """Whether a server could listen on the loopback port `port` now."""
    with socket.socket() as probe:
        # PostgreSQL does the same: a connection that is fading out does not hold the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def becomes_free(port: int) -> bool:
    """Like `is_free`, but gives the helpers of a killed server a moment to let go of it."""
    deadline = time.monotonic() + _GRACE_SECONDS
    while not is_free(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def pick() -> int:
    """A free port at random, so that two projects on one machine hardly ever pick the same."""
    source = random.SystemRandom()
    for _ in range(_ATTEMPTS):
        port = source.choice(_CANDIDATES)
        if is_free(port):
            return port
    message = f"no free loopback port in {_CANDIDATES}"
    raise OSError(message)
