"""A process that uses a token store, for tests that need more than one: see `child`."""

from __future__ import annotations

import encodings.idna  # noqa: F401 (before the interpreter's folders may be out of reach)
import os
import sys
from collections.abc import Callable  # noqa: TC003 (used where the script runs)
from contextlib import nullcontext
from typing import Any, ClassVar

import requests

from health_tap_core.errors import SyncError
from health_tap_core.oauth.authenticator import Authenticator
from health_tap_core.oauth.grant import Grant
from health_tap_core.oauth.provider import Provider
from health_tap_core.oauth.stores import open_store
from health_tap_core.oauth.token_endpoint import OAuthClient, TokenEndpoint


def say(line: str) -> None:
    """Tell the test something."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def become_ordinary() -> None:
    """Give up being root, if that is who we are; what has to be imported is."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


def hold(address: str, account: str) -> None:
    """Hold an account's lock until standard input ends."""
    with open_store(address, "Vendor").lock(account):
        say("held")
        sys.stdin.read()


def count(address: str, account: str, times: str) -> None:
    """Save the account's grant so many times, each time from what is stored; start on a line."""
    say("ready")
    sys.stdin.readline()
    store = open_store(address, "Vendor")
    for _ in range(int(times)):
        with store.lock(account) as held:
            held.save(held.load() or Grant(refresh_token="r"))


def save(address: str, account: str) -> None:
    """Save a grant, once."""
    with open_store(address, "Vendor").lock(account) as held:
        held.reserve()
        held.save(held.load() or Grant(refresh_token="from-child", access_token="a"))


def refresh(address: str, token_url: str, *seed: str) -> None:
    """Print the account's access token, or what is wrong."""
    provider = Provider("Vendor", "", token_url, (), offline_scope="offline")
    authenticator = Authenticator(
        provider,
        open_store(address, provider.name),
        TokenEndpoint(provider, OAuthClient("sandbox-client", "sandbox-secret", "t"), token_url),
        client_id="sandbox-client",
        login_command="login {}".format,
        seed=seed[0] if seed else None,
    )
    try:
        say(authenticator.access_token("ana"))
    except SyncError as error:
        say(f"{type(error).__name__}: {error}")


def refresh_and_signal(signum: str, when: str, options: str, address: str, token_url: str) -> None:
    """Refresh, and get a signal when the vendor has answered, or when the answer is written.

    Options are "tap" for the handlers of a tap instead of Python's own, and "unguarded" for
    nothing that holds signals back.
    """
    if "tap" in options:
        install_handlers_of_a_tap()
    if "unguarded" in options:
        vars(sys.modules[Authenticator.__module__])["signals_held_back"] = nullcontext
    with open_store(address, "Vendor").lock("other") as held:
        owner, name = {"answer": (requests.Session, "send"), "write": (type(held), "replace")}[when]
    real = getattr(owner, name)

    def signalled(*arguments: Any, **options: Any) -> Any:
        if when == "write":
            os.kill(os.getpid(), int(signum))
        result = real(*arguments, **options)
        if when == "answer":
            os.kill(os.getpid(), int(signum))
        return result

    setattr(owner, name, signalled)
    refresh(address, token_url)


def install_handlers_of_a_tap() -> None:
    """Do what the SDK does when a tap is invoked."""
    from health_tap_core.tap import HealthTap  # noqa: PLC0415 (the slowest of all imports)

    class TapVendor(HealthTap):
        name = "tap-vendor"
        config_jsonschema: ClassVar[dict[str, Any]] = {"properties": {}}
        stream_classes = ()

        def open_client(self, *_: Any) -> Any:
            raise NotImplementedError

        def identify(self, *_: Any) -> Any:
            raise NotImplementedError

    TapVendor(validate_config=False)._setup_signal_handlers()


if __name__ == "__main__":
    commands: dict[str, Callable[..., None]] = {
        "hold": hold,
        "count": count,
        "save": save,
        "refresh": refresh,
        "refresh-and-signal": refresh_and_signal,
    }
    arguments = sys.argv[1:]
    if arguments[0] == "--ordinary":
        arguments.pop(0)
        become_ordinary()
    commands[arguments[0]](*arguments[1:])
