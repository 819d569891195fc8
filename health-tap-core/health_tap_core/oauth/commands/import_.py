"""``import``: a grant that another tool began."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import click
from msgspec.structs import replace as replace_fields

from health_tap_core.errors import GrantDeadError, RefreshFailedError
from health_tap_core.oauth.auth_settings import SettingsError, variable
from health_tap_core.oauth.commands.context import CommandContext, account_option, with_context
from health_tap_core.oauth.enrolment import Enrolment
from health_tap_core.oauth.found_token import find_refresh_token

if TYPE_CHECKING:
    from os import PathLike

    from health_tap_core.oauth.provider import TokenAnswer


class JsonFile(click.File):
    """A file, and never its content: click would quote a token in its complaint."""

    def convert(
        self,
        value: str | PathLike[str] | IO[Any],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> IO[Any]:
        """Open the file."""
        if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
            self.fail("it takes the name of a file, not what is in it.", param, ctx)
        opened: IO[Any] = super().convert(value, param, ctx)
        return opened


@click.command("import")
@account_option
@click.option(
    "--from",
    "source",
    type=JsonFile(encoding="utf-8"),
    help="What the other tool has stored, in JSON; '-' reads standard input. "
    "Without it: the setting refresh_token.",
)
@click.option("--replace", is_flag=True, help="Replace a grant that still works.")
@with_context
def import_(
    context: CommandContext, account: str | None, source: IO[str] | None, *, replace: bool
) -> None:
    """Take a grant over from another tool, which loses it.

    Its refresh token is traded for a new one at once. No token is taken from the command line:
    other users of the machine could read it there.
    """
    name = context.account(account)
    settings = context.settings
    enrolment = Enrolment(
        context.store, name, settings.client_id, settings.refresh_token, replaces=replace
    )
    endpoint = context.endpoint
    token = find_refresh_token(source.read()) if source else settings.refresh_token
    if not token:
        raise SettingsError(
            f"There is nothing to import: name a file with --from, or set "
            f"{variable(context.identity.tap, 'refresh_token')}."
        )

    def refresh() -> TokenAnswer:
        answer = endpoint.refresh(token)
        return replace_fields(answer, refresh_token=answer.refresh_token or token)

    try:
        enrolment.keep(refresh)
    except (GrantDeadError, RefreshFailedError) as error:
        raise click.ClickException(
            f"{error} Nothing was imported. To log in instead: {context.login_command(name)}"
        ) from None
    context.say_connected(name)
    click.echo(
        "Its refresh token was traded for a new one: the copy that the other tool has is dead, or "
        "soon will be."
    )
