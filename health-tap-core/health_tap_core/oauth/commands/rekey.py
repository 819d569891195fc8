"""``rekey``: write all grants anew, with the first key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from health_tap_core.errors import TokenStoreError
from health_tap_core.oauth.codec import KEY_VARIABLE, NEW_KEY
from health_tap_core.oauth.commands.context import CommandContext, with_context

if TYPE_CHECKING:
    from health_tap_core.oauth.stores.base import TokenStore


@click.command("rekey")
@with_context
def rekey(context: CommandContext) -> None:
    """Encrypt all stored grants with the first key of HEALTH_TAPS_TOKEN_KEY.

    To change the key: put the new one before the old one, separated by a comma; run this; then
    take the old one away. Grants in plain text are encrypted.
    """
    store = context.store
    if not store.codec.encrypts:
        raise TokenStoreError(
            f"{KEY_VARIABLE} is not set, so there is nothing to encrypt with. Make a key with: "
            f"{NEW_KEY}"
        )
    accounts = store.accounts()
    unreadable = [account for account in accounts if not _rewrite(store, account)]
    done = len(accounts) - len(unreadable)
    click.echo(f"{done} of {len(accounts)} stored grants are encrypted with the first key.")
    if unreadable:
        raise click.ClickException(f"Left as they were: {', '.join(unreadable)}.")


def _rewrite(store: TokenStore, account: str) -> bool:
    try:
        with store.lock(account) as held:
            if grant := held.load():
                held.save(grant)
    except TokenStoreError as error:
        click.echo(str(error), err=True)
        return False
    return True
