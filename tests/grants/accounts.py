"""An account: a member with a sandbox of their own, a stored grant, and runs that need it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from health_sandbox.server import SandboxServer

from .messages import Job, Login, Report, Vendor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Launcher

_NOON, _NOON_SECONDS = "2026-06-01T12:00:00Z", 1_780_315_200
#: The token endpoints of both vendors.
TOKEN_PATHS = "*/oauth2*"
_TOKEN_PATHS = {"/whoop/oauth/oauth2/token", "/withings/v2/oauth2"}


@dataclass
class Account:
    """Time passes for sandbox and processes alike, and only when told to."""

    launcher: Launcher
    sandbox: SandboxServer
    job: Job

    def run(self, **more: Any) -> Report:
        """One run in a process of its own."""
        (report,) = self.launcher.run(replace(self.job, **more))
        return report

    def run_many(self, processes: int, **more: Any) -> list[Report]:
        """Runs that all go for the lock at the same moment."""
        return self.launcher.run(replace(self.job, processes=processes, **more))

    def log_in(self) -> Report:
        """Connect the member anew, and store what that brings."""
        granted = self.sandbox.vendor(self.job.vendor).grant("ana")
        assert granted["refresh_token"]
        login = Login(granted["refresh_token"], granted["access_token"], granted["expires_in"])
        return self.run(login=login)

    def seed(self) -> None:
        """Connect the member, and put the refresh token into the settings."""
        granted = self.sandbox.vendor(self.job.vendor).grant("ana")
        self.job = replace(self.job, seed=granted["refresh_token"])

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.sandbox.advance(seconds)
        self.job = replace(self.job, now=self.job.now + seconds)

    def token_requests(self) -> int:
        """How many requests the token endpoint has carried out or refused since the last call."""
        paths = [request["path"] for request in self.sandbox.requests()]
        self.sandbox.clear_requests()
        return sum(path in _TOKEN_PATHS for path in paths)


@contextmanager
def connected(
    launcher: Launcher, vendor: Vendor, address: str, name: str, *, plain: bool = False
) -> Iterator[Account]:
    """An account at noon; nothing is stored yet."""
    with SandboxServer(clock=_NOON, frozen=True, years=0.01) as sandbox:
        job = Job(
            vendor=vendor,
            url=sandbox.url,
            address=address,
            account=name,
            now=_NOON_SECONDS,
            plain=plain,
        )
        yield Account(launcher, sandbox, job)
