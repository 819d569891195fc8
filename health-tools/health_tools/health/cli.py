"""The command `health`, reached as `meltano invoke health:check` and so on."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click
import psycopg

from health_tools import database
from health_tools.doctor import report
from health_tools.doctor.diagnosis import diagnose
from health_tools.doctor.installation import Installation
from health_tools.errors import HealthToolsError
from health_tools.health import check_report, reader, status_report, sync_log

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEN_YEARS = 10 * 365 * 24

_in_json = click.option("--json", "in_json", is_flag=True, help="Print JSON instead of tables.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """The health of this project: is everything synced?"""


@cli.command()
@_in_json
def check(in_json: bool) -> None:
    """Show the last sync of every stream; exit code 1 when one failed or nothing was synced."""
    with _session() as session:
        states = sync_log.read(session)
    if in_json:
        click.echo(check_report.as_json(states))
    elif states:
        click.echo(check_report.as_text(states))
    problems = check_report.problems(states)
    for problem in problems:
        click.echo(f"Error: {problem}", err=True)
    if problems:
        sys.exit(1)


@cli.command()
@_in_json
@click.option(
    "--max-age",
    type=click.IntRange(1, _TEN_YEARS),
    metavar="HOURS",
    help="Exit code 1, too, when the last success of an account is older.",
)
def status(in_json: bool, max_age: int | None) -> None:
    """Show everything: streams, missing days, held deletions; exit code 1 when something is wrong.

    Wrong is: the last window of a stream failed, a day is missing because of a failure or because
    its rows are gone, deletions wait for your consent, or nothing was synced. What is not read any
    more, because it was deselected or its account taken out, is not wrong.
    """
    with _session() as session:
        known = status_report.read(
            session, max_age=None if max_age is None else timedelta(hours=max_age)
        )
    click.echo(status_report.as_json(known) if in_json else status_report.as_text(known))
    if known.problems():
        sys.exit(1)


@cli.command()
@_in_json
def doctor(in_json: bool) -> None:
    """Look at the whole installation and say what to do; exit code 1 when there is a problem."""
    findings = diagnose(Installation.find_root())
    click.echo(report.as_json(findings) if in_json else report.as_text(findings))
    if not report.is_well(findings):
        sys.exit(1)


@cli.command("reader")
def make_reader() -> None:
    """Make or mend the role that dashboards read with: health_reader, which can do nothing else.

    Its password is that of the environment variable HEALTH_READER_PASSWORD. It reads the schemas
    marts, quality and meta, also what dbt makes there later; run it again to change the password.
    """
    password = reader.password_of_environment()
    target = database.from_environment()
    with target.connect() as session:
        try:
            reader.grant(session, password)
        except psycopg.Error as error:
            reason = str(error).partition("\n")[0]
            raise HealthToolsError(
                f"The role {reader.ROLE} cannot be set up: {reason}. The user of this session "
                f"needs the right to create roles, and has to be the one that builds the models."
            ) from error
    schemas = ", ".join(reader.SCHEMAS)
    click.echo(f"{reader.ROLE} reads {schemas} of {target.address}, and nothing else.")


@contextmanager
def _session() -> Iterator[psycopg.Connection]:
    with database.from_environment().connect() as session:
        session.read_only = True
        try:
            yield session
        except psycopg.Error as error:
            reason = str(error).partition("\n")[0]
            raise HealthToolsError(
                f"The sync log cannot be read: {reason}. Check that the user of this session may "
                f"read the raw schemas and the schema meta, and that taps, models and tools are of "
                f"one version (meltano install, then meltano run dbt:build)."
            ) from error
