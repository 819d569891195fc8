"""``login``: a person lets the tap in."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from typing import TYPE_CHECKING

import click

from health_tap_core.errors import SyncError
from health_tap_core.oauth.callback import Callback, can_answer
from health_tap_core.oauth.commands.context import CommandContext, account_option, with_context
from health_tap_core.oauth.enrolment import Enrolment
from health_tap_core.oauth.login import Login, LoginError, StrayAnswerError
from health_tap_core.oauth.pages import Pages

if TYPE_CHECKING:
    from health_tap_core.oauth.grant import Grant

#: Seconds until a browser that was started has either failed or opened a window.
_BROWSER_STARTS = 5.0


@click.command("login")
@account_option
@click.option(
    "--no-browser",
    is_flag=True,
    help="Open the address on any machine, and paste the one that you end on.",
)
@with_context
def login(context: CommandContext, account: str | None, *, no_browser: bool) -> None:
    """Log a person in: allow access in the browser, once."""
    name = context.account(account)
    settings = context.settings
    enrolment = Enrolment(context.store, name, settings.client_id, settings.refresh_token)
    attempt = Login(
        context.provider, context.endpoint, enrolment, settings.authorize_url, settings.redirect_uri
    )
    # Better now than when the person comes back.
    enrolment.check()
    again = context.login_command(name)
    pages = Pages(context.provider, name, again)
    try:
        grant = None if no_browser else _in_browser(attempt, pages)
        grant = grant or _by_hand(attempt, name)
    except SyncError as error:
        raise click.ClickException(f"{error}\nTo try again: {again}") from None
    context.say_connected(name)
    if missing := context.provider.missing_scopes(grant.scope):
        click.echo(f"Not allowed were: {', '.join(missing)}. What needs them is left out.")


def _in_browser(attempt: Login, pages: Pages) -> Grant | None:
    """Let the browser bring the answer; None if there is no browser, or nowhere to come back to."""
    if not (can_answer(attempt.redirect_uri) and _may_have_browser()):
        return None
    with Callback(attempt.redirect_uri, pages, attempt.finish) as callback:
        click.echo(
            f"Your browser opens {attempt.provider.name} to connect account {pages.account!r}. "
            f"If it does not, open this address:\n\n{attempt.url}\n"
        )
        return callback.wait() if _open_browser(attempt.url) else None


def _by_hand(attempt: Login, account: str) -> Grant:
    click.echo(
        f"Open this address in any browser, and allow access for account {account!r}:\n\n"
        f"{attempt.url}\n\n"
        f"The browser ends on an address that begins with {attempt.redirect_uri}. Its page need "
        "not load.\nCopy that whole address and paste it here at once: it works only for a short "
        "while."
    )
    grant = None
    while grant is None:
        # Not `input`: on a terminal it prompts on stderr, which Meltano keeps for its log.
        click.echo("Address: ", nl=False)
        answer = sys.stdin.readline()
        if not answer:
            raise LoginError("No address was pasted. Nothing was changed.")
        grant = _finish(attempt, answer)
    return grant


def _finish(attempt: Login, answer: str) -> Grant | None:
    try:
        return attempt.finish(answer)
    except StrayAnswerError as error:
        click.echo(str(error))
        return None


def _may_have_browser() -> bool:
    """Whether there is a screen. On Linux, a text browser would open in this terminal instead."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in screens)


def _open_browser(url: str) -> bool:
    """Start the browser; some run until they are closed, and have opened by then."""
    failed = threading.Event()

    def start() -> None:
        if not webbrowser.open(url):
            failed.set()

    starting = threading.Thread(target=start, daemon=True)
    starting.start()
    starting.join(_BROWSER_STARTS)
    return not failed.is_set()
