"""``logout``: end a grant at the vendor, then forget it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import click
import requests

from health_tap_core.errors import GrantDeadError, GrantError
from health_tap_core.oauth.commands.context import CommandContext, account_option, with_context

if TYPE_CHECKING:
    from health_tap_core.oauth.authenticator import Authenticator
    from health_tap_core.oauth.grant import Grant


@click.command("logout")
@account_option
@click.option("--forget-only", is_flag=True, help="Do not ask the vendor, only forget.")
@with_context
def logout(context: CommandContext, account: str | None, *, forget_only: bool) -> None:
    """Give a grant back to the vendor, and forget it. Data that were loaded stay."""
    name = context.account(account)
    vendor = context.provider.name
    said, ended = f"{vendor} was not asked: access can be ended in your account there.", None
    if not forget_only:
        said, ended = _revoke(context, name)
    with context.store.lock(name) as held:
        if ended and _is_another(held.load(), ended):
            raise click.ClickException(
                f"{said} But meanwhile somebody has logged account {name!r} in anew: that grant "
                "was left as it is."
            )
        held.forget()
    click.echo(f"The grant of account {name!r} is forgotten. {said}")
    if context.settings.refresh_token:
        click.echo("Take refresh_token out of the settings too: the next run would try it.")


def _is_another(stored: Grant | None, ended: Grant) -> bool:
    """Whether what is stored now is a newer login."""
    return bool(stored and not stored.dead_since and stored.refresh_token != ended.refresh_token)


def _revoke(context: CommandContext, account: str) -> tuple[str, Grant | None]:
    """End the grant at the vendor, unless it is over already; tell what was done, and which."""
    vendor = context.provider.name
    stored = None
    try:
        stored = context.store.load(account)
        if stored is None:
            raise click.ClickException(f"Account {account!r} has no grant of {vendor}.")
        if not context.provider.revoke:
            return f"{vendor} has no way to be told: end the access in your account there.", stored
        if not stored.dead_since:
            return f"{vendor} has ended it.", _ask_vendor(context, context.authenticator(), account)
    except GrantDeadError:
        pass
    except (GrantError, requests.RequestException) as error:
        raise click.ClickException(
            f"{_explain(vendor, error)} Nothing was forgotten. Run again later; or forget it here "
            "alone with --forget-only, and end the access in your account there."
        ) from None
    return f"{vendor} had already ended it.", stored


def _explain(vendor: str, error: GrantError | requests.RequestException) -> str:
    if isinstance(error, requests.HTTPError):
        return f"{vendor} did not end it: it answered {error.response.status_code}."
    if isinstance(error, (requests.ConnectionError, requests.Timeout)):
        return f"{vendor} gave no answer ({type(error).__name__})."
    return str(error) if isinstance(error, GrantError) else f"{error}."


def _ask_vendor(context: CommandContext, authenticator: Authenticator, account: str) -> Grant:
    token = authenticator.access_token(account)
    try:
        return _send(context, account, token)
    except requests.HTTPError as error:
        if error.response.status_code != HTTPStatus.UNAUTHORIZED:
            raise
        # Ended at the vendor's own page, perhaps: asking for a new token tells.
        authenticator.renew(account, token)
        return _send(context, account, authenticator.access_token(account))


def _send(context: CommandContext, account: str, token: str) -> Grant:
    stored = context.store.load(account)
    if stored is None:
        raise GrantDeadError(f"Account {account!r} was logged out by somebody else.")
    context.endpoint.revoke(context.settings.api_url, access_token=token, user_id=stored.user_id)
    return stored
