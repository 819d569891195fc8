"""The command that logs an account in, as it has to be typed where this process runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def login_command(tap: str, account: str, environment: Mapping[str, str] = os.environ) -> str:
    """What to type to log an account in: by Meltano if it runs this process, else directly.

    Args:
        tap: The tap's name, ``tap-whoop``.
        account: The account's name.
        environment: Meltano tells plugins there that it runs them, and in which environment.
    """
    if "MELTANO_PROJECT_ROOT" not in environment:
        return f"{tap}-auth login --account {account}"
    named = environment.get("MELTANO_ENVIRONMENT")
    option = f"--environment={named} " if named else ""
    return f"meltano {option}invoke {tap}:login --account {account}"
