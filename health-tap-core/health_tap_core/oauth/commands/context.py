"""What every command needs: the tap's settings, and the parts that they name."""

from __future__ import annotations

import functools
import json
import os
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast

import click

from health_tap_core.oauth.auth_settings import SettingsError, read_settings, variable
from health_tap_core.oauth.authenticator import Authenticator
from health_tap_core.oauth.login_command import login_command
from health_tap_core.oauth.stores import open_store
from health_tap_core.oauth.token_endpoint import OAuthClient, TokenEndpoint
from health_tap_core.settings import check_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from health_tap_core.oauth.auth_settings import AuthSettings
    from health_tap_core.oauth.provider import Provider
    from health_tap_core.oauth.stores.base import TokenStore

P = ParamSpec("P")


@dataclass(frozen=True)
class TapIdentity:
    """The tap that the commands belong to.

    Attributes:
        schema: The JSON schema of its settings.
        requests_per_day: What the vendor allows a client id, if it counts by day.
    """

    tap: str
    provider: Provider
    schema: Mapping[str, Any]
    requests_per_day: int | None


class CommandContext:
    """One command at work: settings, store and vendor, each opened when it is needed."""

    def __init__(self, identity: TapIdentity, files: tuple[str, ...]) -> None:
        self.identity = identity
        self.provider = identity.provider
        self._files = files

    @cached_property
    def settings(self) -> AuthSettings:
        """The settings.

        Raises:
            SettingsError: One is wrong.
        """
        return read_settings(self.identity.tap, self.identity.schema, self._files, os.environ)

    @cached_property
    def store(self) -> TokenStore:
        """Where grants live."""
        return open_store(self.settings.token_store, self.provider.name)

    @cached_property
    def endpoint(self) -> TokenEndpoint:
        """The vendor's token endpoint.

        Raises:
            SettingsError: Client id or secret are not set.
        """
        settings = self.settings
        for name in ("client_id", "client_secret"):
            if not getattr(settings, name):
                raise SettingsError(
                    f"{name} is not set. Put the one of your {self.provider.name} app into "
                    f"{variable(self.identity.tap, name)} (with Meltano: into .env), or into a "
                    "JSON file, and name that with --config."
                )
        client = OAuthClient(settings.client_id, settings.client_secret, settings.user_agent)
        return TokenEndpoint(self.provider, client, settings.token_url)

    def authenticator(self) -> Authenticator:
        """Keeps the stored grants alive; the seed in the settings starts none."""
        return Authenticator(
            self.provider,
            self.store,
            self.endpoint,
            client_id=self.settings.client_id,
            login_command=self.login_command,
        )

    def account(self, wish: str | None) -> str:
        """The account that is meant: the only one there is, unless one is named.

        Raises:
            SettingsError: It is not clear which, or it cannot be a name.
        """
        accounts = self.settings.accounts
        if wish is None:
            if len(accounts) > 1:
                raise SettingsError(f"Say which with --account: {', '.join(accounts)}.")
            return accounts[0]
        if wrong := list(check_settings({"accounts": [wish]})):
            raise SettingsError(wrong[0])
        return wish

    @property
    def login_command(self) -> Callable[[str], str]:
        """What to type to log an account in."""
        return partial(login_command, self.identity.tap)

    def say_connected(self, account: str) -> None:
        """Say that there is a grant now, how it is stored, and what is left to do."""
        stored = "encrypted" if self.store.codec.encrypts else "in plain text"
        click.echo(
            f"Account {account!r} of {self.provider.name} is connected. "
            f"The grant {self.store.place(account)} is stored {stored}."
        )
        accounts = self.settings.accounts
        if account not in accounts:
            click.echo(
                f"{account!r} is not in the setting accounts, so nothing syncs it yet. Add it: "
                f"{variable(self.identity.tap, 'accounts')}='{json.dumps([*accounts, account])}'"
            )


def with_context(command: Callable[Concatenate[CommandContext, P], None]) -> Callable[P, None]:
    """Let a command name files with settings, and give it a context."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        files = cast("tuple[str, ...]", kwargs.pop("files"))
        identity = cast("TapIdentity", click.get_current_context().obj)
        command(CommandContext(identity, files), *args, **kwargs)

    return _config_option(run)


_config_option = click.option(
    "--config",
    "files",
    multiple=True,
    metavar="FILE",
    help="JSON file with the tap's settings. Without it: its environment variables.",
)
account_option = click.option(
    "--account", metavar="NAME", help="Whose grant. Needed when the settings name several."
)
