"""How WHOOP revises a record: the whole body again, with a new ``updated_at``."""

from __future__ import annotations

from health_sandbox.instants import format_instant
from health_sandbox.timeline import Body, Version


def revised(body: Body, instant: int, change: Body) -> Version:
    """Return the version of a record that a change makes at an instant."""
    return Version(instant, {**body, **change, "updated_at": format_instant(instant)})
