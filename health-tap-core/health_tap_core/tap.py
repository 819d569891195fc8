"""The tap: settings, one session, one pacer, one authenticator, and the accounts of a run."""

from __future__ import annotations

import sys
import time
from abc import abstractmethod
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

import click
import requests
from singer_sdk import Tap
from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities

from health_tap_core.account import Account
from health_tap_core.clock import Clock
from health_tap_core.errors import (
    AlreadyRunningError,
    DuplicateUserError,
    GrantError,
    QuotaExhaustedError,
    SyncError,
    contained,
)
from health_tap_core.log_fields import log_fields, new_run_id
from health_tap_core.oauth.authenticator import AccountAuth, Authenticator
from health_tap_core.oauth.login_command import login_command
from health_tap_core.oauth.stores import open_store
from health_tap_core.oauth.token_endpoint import OAuthClient, TokenEndpoint
from health_tap_core.pacing import PacedAdapter, Pacer
from health_tap_core.progress import Tally
from health_tap_core.settings import check_settings
from health_tap_core.sync_log import SyncWindows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from singer_sdk import Stream
    from singer_sdk.helpers.capabilities import CapabilitiesEnum

    from health_tap_core.client import VendorClient
    from health_tap_core.oauth.provider import Provider
    from health_tap_core.oauth.stores.base import TokenStore
    from health_tap_core.oauth.stores.run_locks import RunLocks


class SyncFailedError(click.ClickException):
    """Something could not be synced; everything else was."""


class HealthTap(Tap):
    """Base of a vendor's tap.

    Nothing is read or sent before a sync begins: discovery and ``--about`` work without settings
    and without a network.
    """

    message_writer_class = MsgSpecWriter
    # Not BATCH, which the SDK writes after the state, nor ACTIVATE_VERSION, which deletes rows.
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    #: How the vendor speaks OAuth 2.0.
    provider: ClassVar[Provider]
    #: The vendor's streams; the SDK reads them by name.
    stream_classes: ClassVar[Sequence[type[Stream]]]

    #: Seconds since the epoch, seconds of a steady clock, and how to wait: tests replace them.
    machine_clock = staticmethod(time.time)
    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._accounts: dict[str, Account] = {}
        self._failures: list[str] = []
        self._at_end = ExitStack()
        #: What this run has read.
        self.tally = Tally()
        #: Which run this is, in the sync log and in the lines of the log.
        self.run_id = new_run_id()
        super().__init__(*args, **kwargs)

    @abstractmethod
    def open_client(self, session: requests.Session, auth: AccountAuth) -> VendorClient:
        """The vendor's client for one account."""

    @abstractmethod
    def identify(self, client: Any) -> object:
        """The vendor's user behind a client.

        Raises:
            SyncError: The vendor did not tell.
        """

    def discover_streams(self) -> list[Stream]:
        """The vendor's streams and the sync log."""
        return [*(stream(tap=self) for stream in self.stream_classes), SyncWindows(tap=self)]

    @property
    def sync_windows(self) -> SyncWindows:
        """The sync log."""
        return cast("SyncWindows", self.streams["sync_windows"])

    @property
    def account_names(self) -> list[str]:
        """The configured accounts, in order."""
        return cast("list[str]", self.config["accounts"])

    @cached_property
    def clock(self) -> Clock:
        """The vendor's time."""
        return Clock(self.machine_clock)

    def account(self, name: str) -> Account:
        """An account of this run. The first call for a name asks the vendor who it is."""
        if name not in self._accounts:
            self._accounts[name] = self._open(name)
        return self._accounts[name]

    def known(self, account: Account, user_id: object) -> Account:
        """The same account, with a user whom only its records told.

        Raises:
            DuplicateUserError: Another account of this run is the same user.
        """
        if account.user_id is not None or user_id is None:
            return account
        self._check_unique(account.name, user_id)
        self._accounts[account.name] = replace(account, user_id=user_id)
        return self._accounts[account.name]

    def report_failure(self, account: str, stream: Stream, error: SyncError) -> None:
        """Log that a stream could not be synced for an account, and remember it."""
        message = f"{stream.name} of account {account!r}: {error}"
        with log_fields(account=account, stream_name=stream.name):
            self.logger.error("%s", message)
        if isinstance(error, QuotaExhaustedError):
            self._pacer.close(error)
        if stream.ABORT_AT_RECORD_COUNT is not None:
            raise SyncFailedError(message)
        self._failures.append(f"{stream.name} of account {account!r} ({error.code})")

    def sync_all(self) -> None:  # type: ignore[misc]  # final in typing only; exit codes need it
        """Sync everything that can be synced, then fail if something could not."""
        began = self.monotonic()
        with log_fields(sync_run_id=self.run_id):
            with self._at_end:
                super().sync_all()
            self.logger.info("Run of %s: %s", self.name, self.tally.text(self.monotonic() - began))
        if self._failures and self.config["on_error"] == "fail":
            raise SyncFailedError(
                f"{len(self._failures)} not synced, everything else was: "
                + ", ".join(self._failures)
                + ". Their bookmarks stay; see the errors above."
            )

    def _open(self, name: str) -> Account:
        client = self.open_client(self._session, AccountAuth(self._authenticator, name))
        user_id: object = None
        failure: SyncError | None = None
        try:
            with contained():
                self._take_run_lock(name)
                user_id = self.identify(client)
            self._check_unique(name, user_id)
        except (AlreadyRunningError, DuplicateUserError, GrantError, QuotaExhaustedError) as error:
            failure = error
        except SyncError as error:
            # Streams that need no user id may work all the same.
            self.logger.warning("The user behind account %r is unknown: %s", name, error)
        return Account(name, client, user_id, self.clock.now(), failure)

    def _hide(self, message: str) -> str:
        """A message about a wrong setting, without the value if it is a secret."""
        for name, setting in self.config_jsonschema["properties"].items():
            if setting.get("secret") and name in self._config:
                message = message.replace(repr(self._config[name]), "(hidden)")
        return message

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        """Write the state and end as a process that was told to: what is left was not synced."""
        try:
            super()._handle_termination(signum, frame)
        finally:
            sys.exit(128 + signum)

    def _take_run_lock(self, name: str) -> None:
        try:
            taken = self._run_locks.take(name)
        except OSError:
            return  # the store says better what is wrong with its folder, when it is needed
        if not taken:
            raise AlreadyRunningError(
                f"Another process is syncing account {name!r} of {self.provider.name} at this "
                "moment. Wait for it, or end it; this run has left everything to it."
            )

    def _check_unique(self, name: str, user_id: object) -> None:
        for other in self._accounts.values():
            if user_id is not None and other.user_id == user_id:
                raise DuplicateUserError(
                    f"Accounts {other.name!r} and {name!r} are the same person at "
                    f"{self.provider.name}. Remove one of them from the setting accounts."
                )

    @cached_property
    def _session(self) -> requests.Session:
        session = requests.Session()
        session.headers["User-Agent"] = self.config["user_agent"]
        session.mount("https://", PacedAdapter(self._pacer))
        session.mount("http://", PacedAdapter(self._pacer))
        return session

    @cached_property
    def _pacer(self) -> Pacer:
        limit = self.config["requests_per_minute"]
        return Pacer(limit, monotonic=self.monotonic, sleep=self.sleep)

    @cached_property
    def _store(self) -> TokenStore:
        return open_store(self.config["token_store"], self.provider.name)

    @cached_property
    def _run_locks(self) -> RunLocks:
        locks = self._store.run_locks()
        self._at_end.callback(locks.release)
        return locks

    @cached_property
    def _authenticator(self) -> Authenticator:
        config = self.config
        client = OAuthClient(config["client_id"], config["client_secret"], config["user_agent"])
        return Authenticator(
            self.provider,
            self._store,
            TokenEndpoint(self.provider, client, config["token_url"]),
            client_id=config["client_id"],
            login_command=partial(login_command, self.name),
            seed=config.get("refresh_token"),
            machine_clock=self.machine_clock,
        )

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        # Null is how some callers leave a setting out; its default applies.
        self._config = {name: value for name, value in self._config.items() if value is not None}
        errors = [self._hide(error) for error in super()._validate_config(raise_errors=False)]
        errors = errors or list(check_settings(self._config))
        if errors and raise_errors:
            raise ConfigValidationError(
                "Config validation failed", errors=errors, schema=self.config_jsonschema
            )
        return errors
