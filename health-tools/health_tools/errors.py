"""The one error type that the commands of this package show to their user."""

from __future__ import annotations


class HealthToolsError(Exception):
    """Something the user can mend; the message says what happened and what to type next."""
