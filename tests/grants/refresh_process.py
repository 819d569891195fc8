"""Runs of a tap, as far as its grant is concerned: real processes, forked from one that is warm.

``python -m grants.refresh_process`` reads a job a line and answers with the reports of its
processes, a list a line. Forking spares every one of hundreds the same half second of imports;
what is forked has opened nothing yet.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn, ParamSpec, TypeVar

import msgspec
import requests
from msgspec.structs import replace

from health_sandbox.vendor import CLIENT_ID, CLIENT_SECRET
from health_tap_core.errors import SyncError
from health_tap_core.oauth.authenticator import AccountAuth, Authenticator
from health_tap_core.oauth.codec import KEY_VARIABLE, is_encrypted
from health_tap_core.oauth.enrolment import Enrolment
from health_tap_core.oauth.grant import fingerprint
from health_tap_core.oauth.login_command import login_command
from health_tap_core.oauth.provider import TokenAnswer
from health_tap_core.oauth.stores import base, is_database, open_store
from health_tap_core.oauth.stores.file import FileTokenStore
from health_tap_core.oauth.token_endpoint import OAuthClient, TokenEndpoint
from tap_whoop.oauth import WHOOP_OAUTH
from tap_withings.oauth import WITHINGS_OAUTH

from .messages import Job, Report, Stored
from .steps import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from health_tap_core.oauth.stores.base import TokenStore

P = ParamSpec("P")
T = TypeVar("T")
PROVIDERS = {"whoop": WHOOP_OAUTH, "withings": WITHINGS_OAUTH}
TOKEN_PATHS = {"whoop": "/whoop/oauth/oauth2/token", "withings": "/withings/v2/oauth2"}
#: A lock that a dead process left behind has to fail the test, not to delay it for two minutes.
LOCK_TIMEOUT = 30.0


class Tell:
    """The end of a pipe to which a process writes what is to be known even if it is killed."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe

    def __call__(self, report: Report) -> None:
        os.write(self._pipe, msgspec.json.encode(report))


class Together:
    """Holds up processes until the last of them has come so far, or has ended.

    Each holds an end of a pipe to which nobody writes; once all have closed it, reading ends.
    """

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()

    def close(self) -> None:
        """Take no part in it."""
        os.close(self._writer)
        os.close(self._reader)

    def before(self, real: Callable[P, T]) -> Callable[P, T]:
        """The function; its first call in each process waits for those in all others."""

        def patched(*args: P.args, **kwargs: P.kwargs) -> T:
            if self._writer >= 0:
                os.close(self._writer)
                self._writer = -1
                os.read(self._reader, 1)
            return real(*args, **kwargs)

        return patched


def perform(job: Job, tell: Tell, together: Together) -> None:
    """Do a job in this process, which ends afterwards."""
    if job.plain:
        del os.environ[KEY_VARIABLE]
    store = open_store(job.address, PROVIDERS[job.vendor].name)
    report = Report(found=look(store, job.account))
    if job.processes > 1:
        # Whoever comes to the lock has found an expired token.
        store.lock = together.before(store.lock)  # type: ignore[method-assign]
    if job.step:
        arm(job, lambda: tell(replace(report, killed_at=job.step)))
    try:
        if job.login:
            store_login(store, job)
        else:
            report = replace(report, token=use(store, job))
    except SyncError as error:
        report = replace(report, error=type(error).__name__, message=str(error))
    tell(replace(report, left=look(store, job.account)))


def arm(job: Job, last_words: Callable[[], None]) -> None:
    """Make this process end itself at a step, as nothing but ``kill -9`` ends a process."""

    def end() -> NoReturn:
        last_words()
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("nobody gets here")

    step = STEPS[job.step]
    install = step.in_postgres if is_database(job.address) else step.in_file
    assert install
    install(end)


def use(store: TokenStore, job: Job) -> str:
    """Have an access token and use it; returns its fingerprint.

    Raises:
        SyncError: There is none.
    """
    provider = PROVIDERS[job.vendor]
    endpoint = TokenEndpoint(
        provider,
        OAuthClient(CLIENT_ID, CLIENT_SECRET, "health-taps/test"),
        f"{job.url}{TOKEN_PATHS[job.vendor]}",
    )
    authenticator = Authenticator(
        provider,
        store,
        endpoint,
        client_id=CLIENT_ID,
        login_command=lambda account: login_command(f"tap-{job.vendor}", account, {}),
        seed=job.seed,
        machine_clock=lambda: job.now,
    )
    request_data(job, authenticator)
    return fingerprint(authenticator.access_token(job.account))


def request_data(job: Job, authenticator: Authenticator) -> None:
    """One real request for data, signed as the taps sign theirs.

    Raises:
        SyncError: There is no access token.
        requests.RequestException: The vendor does not accept it.
    """
    auth = AccountAuth(authenticator, job.account)
    if job.vendor == "whoop":
        profile = f"{job.url}/whoop/developer/v2/user/profile/basic"
        requests.get(profile, auth=auth, timeout=30).raise_for_status()
        return
    devices = requests.post(
        f"{job.url}/withings/v2/user", data={"action": "getdevice"}, auth=auth, timeout=30
    )
    if devices.json()["status"] != 0:
        raise requests.RequestException(devices.text)


def store_login(store: TokenStore, job: Job) -> None:
    """Store what a login brings, as a login does; only the browser is missing."""
    assert job.login
    answer = TokenAnswer(
        access_token=job.login.access_token,
        expires_in=job.login.expires_in,
        refresh_token=job.login.refresh_token,
    )
    Enrolment(store, job.account, CLIENT_ID, seed=job.seed, machine_clock=lambda: job.now).keep(
        lambda: answer
    )


def look(store: TokenStore, account: str) -> Stored:
    """What is stored, without the lock."""
    seen = Stored()
    if isinstance(store, FileTokenStore) and store.folder.is_dir():
        files = sorted(path.name for path in store.folder.iterdir())
        seen = replace(seen, files=files, beside=look_beside(store, account))
    try:
        document = store.read(account)
        if not document:
            return seen
        grant = store.decode(account, document)
    except SyncError as error:
        return replace(seen, problem=str(error))
    return replace(
        seen,
        version=grant.version,
        dead=bool(grant.dead_since),
        encrypted=is_encrypted(document),
    )


def look_beside(store: FileTokenStore, account: str) -> str:
    """What the file is that was to replace the grant's."""
    try:
        content = store.path(account, ".new").read_bytes()
        document = content.rstrip(b"\0")
        if not document:
            return "reserve"
        store.decode(account, document)
    except FileNotFoundError:
        return ""
    except SyncError:
        return "torn"
    return "whole" if document == content else "long"


def fork(job: Job) -> list[Report]:
    """Do a job in processes of its own; returns when all have ended."""
    together = Together()
    children = [_fork_one(job, together) for _ in range(job.processes)]
    together.close()
    reports = []
    for process, pipe in children:
        with open(pipe, "rb") as told:  # noqa: PTH123 (a descriptor, not a path)
            content = told.read()
        status = os.waitpid(process, 0)[1]
        report = msgspec.json.decode(content, type=Report) if content else Report()
        if os.WIFSIGNALED(status):
            report = replace(report, signal=os.WTERMSIG(status))
        reports.append(report)
    return reports


def _fork_one(job: Job, together: Together) -> tuple[int, int]:
    told, tell = os.pipe()
    process = os.fork()
    if process:
        os.close(tell)
        return process, told
    try:
        perform(job, Tell(tell), together)
    except BaseException as error:  # noqa: BLE001 (nothing may reach the loop of the parent)
        Tell(tell)(Report(error=type(error).__name__, message=str(error)))
    finally:
        os._exit(0)


def main() -> None:
    """Serve jobs until there are no more."""
    base.LOCK_TIMEOUT = LOCK_TIMEOUT
    for line in sys.stdin.buffer:
        reports = fork(msgspec.json.decode(line, type=Job))
        sys.stdout.buffer.write(msgspec.json.encode(reports) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
