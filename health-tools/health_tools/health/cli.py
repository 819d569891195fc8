"""The command `health`, reached as `meltano invoke health:check`."""

from __future__ import annotations

import sys

import click
import psycopg

from health_tools import database
from health_tools.errors import HealthToolsError
from health_tools.health import report, sync_log


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """The health of this project: is everything synced?"""


@cli.command()
@click.option("--json", "in_json", is_flag=True, help="Print JSON instead of a table.")
def check(in_json: bool) -> None:
    """Show the last sync of every stream; exit code 1 when one failed or nothing was synced."""
    states = _read()
    found = report.problems(states)
    if in_json:
        click.echo(report.as_json(states))
    elif states:
        click.echo(report.as_table(states))
    for problem in found:
        click.echo(f"Error: {problem}", err=True)
    if found:
        sys.exit(1)


def _read() -> list[sync_log.StreamState]:
    with database.from_environment().connect() as session:
        session.read_only = True
        try:
            return sync_log.read(session)
        except psycopg.Error as error:
            reason = str(error).partition("\n")[0]
            raise HealthToolsError(
                f"The sync log cannot be read: {reason}. Check that the user of this session may "
                f"select from the raw schemas, and that tap and tools are of one version "
                f"(meltano install)."
            ) from error
