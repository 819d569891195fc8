"""The commands of a person's grants, for any vendor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from health_tap_core.errors import SyncError
from health_tap_core.oauth.commands.context import TapIdentity
from health_tap_core.oauth.commands.import_ import import_
from health_tap_core.oauth.commands.login import login
from health_tap_core.oauth.commands.logout import logout
from health_tap_core.oauth.commands.rekey import rekey
from health_tap_core.oauth.commands.status import status

if TYPE_CHECKING:
    from health_tap_core.oauth.provider import Provider


def auth_command(
    tap: str,
    provider: Provider,
    settings: dict[str, Any],
    requests_per_day: int | None = None,
) -> click.Group:
    """The command line ``tap-...-auth``.

    Args:
        tap: The tap's name, ``tap-whoop``.
        provider: The vendor.
        settings: The JSON schema of the tap's settings.
        requests_per_day: What the vendor allows a client id, if it counts by day.
    """
    return _Group(
        name=f"{tap}-auth",
        help=f"Begin, see, take over and end grants of {provider.name}.",
        commands=[login, status, import_, logout, rekey],
        context_settings={
            "obj": TapIdentity(tap, provider, settings, requests_per_day),
            "help_option_names": ["-h", "--help"],
        },
    )


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what it could not do is told in words, and ends with exit code 1."""
        try:
            return super().invoke(ctx)
        except SyncError as error:
            raise click.ClickException(str(error)) from None
