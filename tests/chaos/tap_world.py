"""What surrounds a tap in a test: time that passes at once, and a machine whose clock may be wrong.

Waiting moves the vendor's clock instead of ours, and is a moment, ``wait``. With the variable
``CHAOS_MACHINE_CLOCK`` the machine's clock differs from the vendor's by the seconds that stand in
that file, which a test may change while the tap runs. With ``CHAOS_TIMEOUT`` an answer is waited
for so many seconds only. Whoever waits at ``before refresh`` or ``after refresh`` is told of the
requests for tokens.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from health_sandbox.client import ControlClient
from health_sandbox.instants import SECOND, parse_instant
from health_tap_core import client
from health_tap_core.oauth.token_endpoint import TokenEndpoint
from health_tap_core.tap import HealthTap

if TYPE_CHECKING:
    from .messages import Job
    from .moments import Moments

MACHINE_CLOCK, TIMEOUT = "CHAOS_MACHINE_CLOCK", "CHAOS_TIMEOUT"
REFRESH = "refresh"


def surround(job: Job, moments: Moments) -> None:
    """Put the tap of a job into that world."""
    vendor = _vendor(job)
    waited = 0.0

    def sleep(seconds: float) -> None:
        nonlocal waited
        moments.reach("wait")
        vendor.advance(seconds)
        waited += seconds

    HealthTap.sleep = staticmethod(sleep)
    HealthTap.monotonic = staticmethod(lambda: time.monotonic() + waited)
    HealthTap.machine_clock = staticmethod(lambda: time.time() + waited)
    if path := job.environment.get(MACHINE_CLOCK):
        started = parse_instant(vendor.now()) / SECOND - time.monotonic()

        def machine_clock() -> float:
            return started + time.monotonic() + waited + float(Path(path).read_text())

        HealthTap.machine_clock = staticmethod(machine_clock)
    if seconds := job.environment.get(TIMEOUT):
        client.TIMEOUT = (client.TIMEOUT[0], float(seconds))
    if any(hold.endswith(f" {REFRESH}") for hold in job.holds):
        moments.around(TokenEndpoint, "refresh", lambda *_: REFRESH)


def _vendor(job: Job) -> ControlClient:
    prefix = job.name.upper().replace("-", "_")
    address = urlsplit(job.environment[f"{prefix}_TOKEN_URL"])
    return ControlClient(f"{address.scheme}://{address.netloc}")
