"""The command line: ``health-sandbox serve``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from .instants import parse_instant
from .server import serve
from .vendor import Settings


class _InstantParam(click.ParamType[int]):
    name = "date-time"

    def convert(
        self, value: str | int, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        if isinstance(value, int):
            return value
        try:
            return parse_instant(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.group()
@click.version_option(package_name="health-sandbox")
def main() -> None:
    """The vendors of wearables, simulated: WHOOP and Withings on loopback."""


@main.command(
    "serve",
    epilog="""\b
    WHOOP API        {url}/whoop/developer/v2
    WHOOP OAuth      {url}/whoop/oauth/oauth2/auth and .../token
    Withings API     {url}/withings
    Withings OAuth   {url}/withings/oauth2_user/authorize2 and /withings/v2/oauth2
    control          {url}/control
    standard client  sandbox-client, with the secret sandbox-secret""",
)
@click.option("--port", default=8765, show_default=True, help="Port on 127.0.0.1; 0 is any free.")
@click.option(
    "--clock",
    type=_InstantParam(),
    help="When the sandbox clock starts, e.g. 2026-06-01T12:00:00Z; default: now.",
)
@click.option("--frozen", is_flag=True, help="Start with the clock standing still.")
@click.option(
    "--years",
    type=click.FloatRange(0, 30),
    default=2,
    show_default=True,
    help="Years of history before the start of the clock.",
)
@click.option("--seed", default=1, show_default=True, help="Another seed, another history.")
@click.option(
    "--requests-per-minute",
    type=click.IntRange(1),
    help="Rate limit of each client at each vendor; default: as documented, 100 and 120.",
)
@click.option(
    "--requests-per-day",
    type=click.IntRange(1),
    help="Rate limit of each client at WHOOP; default: as documented, 10000.",
)
@click.option(
    "--page-size",
    type=click.IntRange(1),
    help="Rows on a page of Withings; default: as seen live, 100 to 300.",
)
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that gets the base URL once connections are accepted.",
)
def serve_command(port: int, ready_file: Path | None, **settings: Any) -> None:
    """Serve the simulated vendors until interrupted.

    Prints the base URL on one line when connections are accepted. Times are the sandbox's own:
    set, advance or freeze its clock with POST /control/clock.
    """

    def announce(url: str) -> None:
        if ready_file is not None:
            draft = ready_file.with_name(f"{ready_file.name}.{os.getpid()}.tmp")
            draft.write_text(url)
            draft.replace(ready_file)
        click.echo(url)

    try:
        serve(Settings(**settings), port, announce)
    except OSError as error:
        raise click.ClickException(f"cannot listen on 127.0.0.1:{port}: {error}") from error
