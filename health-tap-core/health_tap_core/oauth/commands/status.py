"""``status``: what is stored, for whom, and whether it works. It asks no vendor."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Literal

import click

from health_tap_core.errors import TokenStoreError
from health_tap_core.oauth.codec import is_encrypted
from health_tap_core.oauth.commands.context import CommandContext, with_context
from health_tap_core.oauth.grant import fingerprint, split_scopes

if TYPE_CHECKING:
    from health_tap_core.oauth.grant import Grant

State = Literal["ok", "expired", "seed", "dead", "none", "unreadable", "other client"]
_HEADERS = ("ACCOUNT", "STATE", "SCOPES", "ACCESS UNTIL", "LAST REFRESH", "ENCRYPTED", "STORED AT")


@dataclass(frozen=True)
class AccountStatus:
    """One account, as ``--json`` shows it. It has no token.

    Attributes:
        configured: Whether the settings name it, so that it is synced.
        state: ``expired``: the access token is over, and the next run renews it. ``seed``: nothing
            is stored yet, and the next run starts with the setting refresh_token. ``dead``: the
            vendor ended the grant. ``other client``: it was given to another client id.
        scopes: As the vendor granted them; empty if it did not tell.
        missing_scopes: What the tap asks for and was not granted.
        access_token_until: UTC, like the last refresh; null if there is none.
        encrypted: Null if nothing is stored.
        note: What to know, and what to do; empty if all is well.
    """

    account: str
    configured: bool
    state: State
    scopes: list[str]
    missing_scopes: list[str]
    access_token_until: str | None
    last_refresh: str | None
    stored_at: str
    encrypted: bool | None
    note: str

    @property
    def lives(self) -> bool:
        """Whether the next run can read with it."""
        return self.state in {"ok", "expired", "seed"}


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_context
def status(context: CommandContext, *, as_json: bool) -> None:
    """Show all accounts; exit code 1 if one of the settings has no living grant."""
    names = list(dict.fromkeys([*context.settings.accounts, *context.store.accounts()]))
    found = [_look_at(context, name) for name in names]
    if as_json:
        known = {
            "vendor": context.provider.name,
            "has_app": bool(context.settings.client_id and context.settings.client_secret),
            "requests_per_day": context.identity.requests_per_day,
            "accounts": [asdict(each) for each in found],
        }
        click.echo(json.dumps(known, indent=2))
    else:
        _show(found)
    if not all(each.lives for each in found if each.configured):
        raise click.exceptions.Exit(1)


def _look_at(context: CommandContext, account: str) -> AccountStatus:
    document, grant = None, None
    state: State
    try:
        document = context.store.read(account)
        grant = context.store.decode(account, document) if document else None
        state = _state(context, account, grant)
        note = _note(context, account, state)
    except TokenStoreError as error:
        state, note = "unreadable", str(error)
    configured = account in context.settings.accounts
    if not configured:
        note = f"{note} The setting accounts does not name it, so it is not synced.".lstrip()
    return AccountStatus(
        account=account,
        configured=configured,
        state=state,
        scopes=split_scopes(grant.scope) if grant else [],
        missing_scopes=context.provider.missing_scopes(grant.scope) if grant else [],
        access_token_until=_instant(grant.expires_at if grant else 0),
        last_refresh=_instant(grant.obtained_at if grant else 0),
        stored_at=context.store.place(account),
        encrypted=is_encrypted(document) if document else None,
        note=note,
    )


def _state(context: CommandContext, account: str, grant: Grant | None) -> State:
    settings = context.settings
    client_id = settings.client_id
    if grant is None:
        return "seed" if settings.refresh_token and account in settings.accounts else "none"
    if grant.dead_since:
        return "dead"
    if client_id and not grant.is_given_to(fingerprint(client_id)):
        return "other client"
    return "ok" if grant.access_token and grant.expires_at > time.time() else "expired"


def _note(context: CommandContext, account: str, state: State) -> str:
    log_in = f"Log in: {context.login_command(account)}"
    return {
        "seed": "The next run starts it with the setting refresh_token.",
        "none": log_in,
        "dead": f"{context.provider.name} has ended it. {log_in}",
        "other client": f"It was given to another client_id. Set that one, or log in. {log_in}",
    }.get(state, "")


def _show(found: list[AccountStatus]) -> None:
    rows = [_HEADERS, *map(_row, found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
    for each in found:
        if each.note:
            click.echo(f"\n{each.account}: {each.note}")


def _row(each: AccountStatus) -> tuple[str, ...]:
    scopes = f"all but {', '.join(each.missing_scopes)}" if each.missing_scopes else "all"
    return (
        each.account,
        each.state,
        scopes if each.scopes else "-",
        each.access_token_until or "-",
        each.last_refresh or "-",
        {True: "yes", False: "no", None: "-"}[each.encrypted],
        each.stored_at if each.encrypted is not None else "-",
    )


def _instant(seconds: float) -> str | None:
    if not seconds:
        return None
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
