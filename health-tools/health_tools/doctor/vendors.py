"""What the taps say of themselves: their own status commands, all at once, as children.

No tap is imported: each knows its vendor, and speaks JSON. Meltano starts them, because it has
their settings.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from health_tools.doctor.installation import plugins
from health_tools.errors import HealthToolsError

if TYPE_CHECKING:
    from pathlib import Path

#: Seconds for a command that takes three; a store in a database may have to be waited for.
_PATIENCE = 60.0


@dataclass(frozen=True)
class Grant:
    """One account, as its tap tells it; see `AccountStatus` of health-tap-core."""

    account: str
    configured: bool
    state: str
    missing_scopes: list[str]
    access_token_until: str | None
    note: str

    @property
    def is_stored(self) -> bool:
        """Whether there is anything in the token store."""
        return self.state not in {"none", "seed"}

    @property
    def lives(self) -> bool:
        """Whether the next run can read with it."""
        return self.state in {"ok", "expired", "seed"}


@dataclass(frozen=True)
class Vendor:
    """One vendor, as its tap tells it."""

    tap: str
    name: str
    has_app: bool
    """Whether client id and secret are set."""
    requests_per_day: int | None
    """What the vendor allows, if it counts by day."""
    grants: list[Grant]

    @property
    def is_used(self) -> bool:
        """Whether somebody set it up: nobody needs all vendors."""
        return self.has_app or any(grant.is_stored for grant in self.grants)

    @property
    def source(self) -> str:
        """What the models call it."""
        return self.tap.removeprefix("tap-").replace("-", "_")


@dataclass(frozen=True)
class Asked:
    """A tap whose status command is at work."""

    tap: str
    process: subprocess.Popen[str]

    @cached_property
    def vendor(self) -> Vendor:
        """Its answer.

        Raises:
            HealthToolsError: It gave none.
        """
        try:
            said, complaint = self.process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise HealthToolsError(f"no answer in {_PATIENCE:.0f} s") from None
        try:
            return _vendor(self.tap, json.loads(said[said.index("{") :]))
        except (ValueError, KeyError, TypeError):
            words = complaint.strip().splitlines() or said.strip().splitlines() or ["nothing"]
            raise HealthToolsError(f"it said: {words[-1]}") from None


def ask(root: Path) -> list[Asked]:
    """Start the status command of each tap that has one; the answers are waited for later."""
    named = os.environ.get("MELTANO_ENVIRONMENT")
    meltano = [_meltano(root), *([f"--environment={named}"] if named else []), "invoke"]
    return [
        Asked(
            tap["name"],
            subprocess.Popen(  # noqa: S603 (Meltano, with names of its own file)
                [*meltano, f"{tap['name']}:status", "--json"],
                cwd=root,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            ),
        )
        for tap in plugins(root).get("extractors", [])
        if "status" in tap.get("commands", {})
    ]


def _meltano(root: Path) -> str:
    """The Meltano that this project was run with last, which need not be on the path."""
    last = root / ".meltano" / "run" / "bin"
    return str(last) if last.exists() else shutil.which("meltano") or "meltano"


def _vendor(tap: str, said: dict[str, Any]) -> Vendor:
    return Vendor(
        tap,
        said["vendor"],
        said["has_app"],
        said["requests_per_day"],
        [
            Grant(**{name: account[name] for name in Grant.__dataclass_fields__})
            for account in said["accounts"]
        ],
    )
