"""A signal waits until a refresh token is safe, and then does what it always does."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

import pytest

from health_tap_core.oauth.signals import HELD_BACK, signals_held_back

if TYPE_CHECKING:
    from health_sandbox.server import SandboxServer

    from .conftest import Child, Rig


def check_signal(
    rig: Rig, sandbox: SandboxServer, child: Child, signum: int, when: str, options: str
) -> None:
    """The process ends by the signal, but not before the grant is stored, and uses no token."""
    process = child(
        "refresh-and-signal", int(signum), when, options, rig.place.address, rig.token_url
    )
    said, errors = process.communicate()
    assert process.returncode == (128 + signum if "tap" in options else -signum), errors
    stored = rig.load()
    assert stored.access_token, "the grant is lost"
    assert stored.access_token in sandbox.secrets()
    assert stored.access_token not in said
    rig.now = stored.obtained_at
    assert rig.authenticator(None).access_token("ana") == stored.access_token
    assert len(sandbox.requests()) == 1


@pytest.mark.parametrize("when", ["answer", "write"])
@pytest.mark.parametrize(
    ("signum", "options"),
    [(signal.SIGTERM, "default"), (signal.SIGINT, "default"), (signal.SIGTERM, "tap")],
)
def test_a_signal_takes_effect_once_the_grant_is_stored(
    sandbox_rig: Rig,
    sandbox: SandboxServer,
    child: Child,
    signum: signal.Signals,
    options: str,
    when: str,
) -> None:
    check_signal(sandbox_rig, sandbox, child, signum, when, options)


@pytest.mark.parametrize("when", ["answer", "write"])
def test_without_holding_back_that_would_be_noticed(
    sandbox_rig: Rig, sandbox: SandboxServer, child: Child, when: str
) -> None:
    with pytest.raises(AssertionError, match="the grant is lost"):
        check_signal(sandbox_rig, sandbox, child, signal.SIGTERM, when, "tap unguarded")


@pytest.mark.parametrize("signum", HELD_BACK)
def test_a_handler_runs_once_for_each_signal_and_is_put_back(signum: signal.Signals) -> None:
    arrived: list[int] = []

    def note(number: int, _: object) -> None:
        arrived.append(number)

    before = signal.signal(signum, note)
    try:
        with signals_held_back():
            signal.raise_signal(signum)
            signal.raise_signal(signum)
            assert arrived == []
        assert arrived == [signum, signum]
        assert signal.getsignal(signum) is note
    finally:
        signal.signal(signum, before)


def test_an_error_inside_gives_way_to_the_signal() -> None:
    def fail() -> None:
        with signals_held_back():
            signal.raise_signal(signal.SIGINT)
            raise ValueError

    # A tap that another test has made in this process left its own handler.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            fail()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals_held_back():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_handler_that_is_not_pythons_is_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "getsignal", lambda _: None)
    monkeypatch.setattr(signal, "signal", None)
    with signals_held_back():
        pass


def test_in_another_thread_nothing_is_touched() -> None:
    before = [signal.getsignal(number) for number in HELD_BACK]
    inside: list[object] = []

    def hold_back() -> None:
        with signals_held_back():
            inside.extend(signal.getsignal(number) for number in HELD_BACK)

    thread = threading.Thread(target=hold_back)
    thread.start()
    thread.join()
    assert inside == before
