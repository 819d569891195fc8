"""What the sandbox needs to know of a vendor it simulates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.routing import BaseRoute

    from .faults import Kind
    from .grants import Grants

CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-secret"
"""The standard client, known to every vendor from the start."""


@dataclass(frozen=True)
class Settings:
    """How a sandbox is set up; the command line shows the same settings."""

    clock: int | None = None
    """The instant at which the sandbox clock starts; ``None`` is now."""
    frozen: bool = False
    """Whether the clock stands still at first."""
    years: float = 2
    """How many years of history before the start of the clock the members have."""
    seed: int = 1
    """Another seed gives the same members another history."""
    requests_per_minute: int | None = None
    """The rate limit of each client at each vendor; ``None`` is what the vendor documents."""
    requests_per_day: int | None = None
    """The same, at vendors that have a limit for the day."""
    page_size: int | None = None
    """Rows on a page where clients cannot choose (Withings); ``None`` is what was seen live."""


@dataclass(frozen=True)
class Vendor:
    """One simulated vendor, served below ``/{name}`` and ``/control/{name}``."""

    name: str
    routes: list[BaseRoute]
    control_routes: list[BaseRoute]
    fault_kinds: Mapping[str, Kind]
    grants: Grants
