"""Whose records are true."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from health_sandbox.client import ControlClient


@dataclass(frozen=True)
class Member:
    """One user of a simulated vendor.

    Attributes:
        sandbox: The vendor's control endpoint.
        member: The user's name.
        start: The earliest activity time that was asked for.
    """

    sandbox: ControlClient
    member: str
    start: datetime

    @cached_property
    def user_id(self) -> str:
        """What the vendor calls the user."""
        return next(str(m["user_id"]) for m in self.sandbox.members() if m["name"] == self.member)
