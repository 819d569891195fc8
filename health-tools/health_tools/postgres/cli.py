"""The command `health-postgres`, reached as `meltano invoke postgres:start` and so on."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from health_tools.errors import HealthToolsError
from health_tools.postgres.binaries import wheel_programs
from health_tools.postgres.connection import ENVIRONMENTS, Connection, database_name
from health_tools.postgres.server import EmbeddedPostgres

_STOPPED = 3
"""The exit code of `status` for a stopped server, as `pg_ctl status` has it."""

_HOME = "HEALTH_POSTGRES_HOME"

_NOT_RUNNING = "PostgreSQL is not running. Type: meltano invoke postgres:start"

_environment = click.option(
    "--environment",
    type=click.Choice(ENVIRONMENTS),
    envvar="PGSERVICE",
    default=ENVIRONMENTS[0],
    show_default=True,
    help="The Meltano environment whose database is meant.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    envvar=_HOME,
    help="The folder of this project's server: data, log, port and password.",
)
@click.pass_context
def cli(context: click.Context, home: Path | None) -> None:
    """A PostgreSQL server of this project's own, on loopback, with a password.

    Where HEALTH_POSTGRES_HOME is set but empty, the database is somebody else's: there is nothing
    to start, and jobs that begin with `start` go on.
    """
    if home is not None:
        context.obj = EmbeddedPostgres(home)
    elif os.environ.get(_HOME) != "":
        raise click.UsageError(f"Name the server's folder: --home or {_HOME}.")
    elif context.invoked_subcommand == "start":
        click.echo("This environment has a database of its own: nothing to start.")
        context.exit()
    else:
        raise HealthToolsError(
            "This environment has a database of its own (TARGET_POSTGRES_*), no embedded one. "
            "Type: meltano --environment=home invoke postgres:status"
        )


@cli.command()
@click.option("--new-port", is_flag=True, help="Choose another port, when the old one is taken.")
@click.pass_obj
def start(server: EmbeddedPostgres, new_port: bool) -> None:
    """Start the server unless it runs; the first time, make it."""
    started = server.start(new_port=new_port)
    address = server.connection()
    names = ", ".join(database_name(environment) for environment in ENVIRONMENTS)
    already = "" if started else "already "
    click.echo(f"PostgreSQL {already}runs on {address.host}:{address.port} (databases {names}).")


@cli.command()
@click.pass_obj
def stop(server: EmbeddedPostgres) -> None:
    """Stop the server; the data stay."""
    click.echo("PostgreSQL is stopped." if server.stop() else "PostgreSQL was not running.")


@cli.command()
@click.pass_obj
def status(server: EmbeddedPostgres) -> None:
    """Say whether the server runs (exit code 0) or not (3)."""
    pid = server.pid()
    if pid is None:
        click.echo(_NOT_RUNNING)
        sys.exit(_STOPPED)
    address = server.connection()
    click.echo(f"PostgreSQL runs on {address.host}:{address.port} (process {pid}).")


_passed_on = click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
_PASSING = {"ignore_unknown_options": True, "help_option_names": []}


@cli.command(context_settings=_PASSING)
@_passed_on
@click.pass_obj
def psql(server: EmbeddedPostgres, arguments: tuple[str, ...]) -> None:
    """Open psql on the database of the current environment; arguments go to psql."""
    _become(server, "psql", arguments)


@cli.command(context_settings=_PASSING)
@_passed_on
@click.pass_obj
def dump(server: EmbeddedPostgres, arguments: tuple[str, ...]) -> None:
    """Write the database of the current environment with pg_dump; arguments go to it."""
    _become(server, "pg_dump", arguments)


@cli.command(context_settings=_PASSING)
@_passed_on
@click.pass_obj
def restore(server: EmbeddedPostgres, arguments: tuple[str, ...]) -> None:
    """Read what pg_dump wrote into the database of the current environment, with pg_restore."""
    _become(server, "pg_restore", ("--dbname", database_name(_service()), *arguments))


def _become(server: EmbeddedPostgres, program: str, arguments: tuple[str, ...]) -> None:
    """Replace this process by a program of PostgreSQL on the current environment's database."""
    if not server.is_running():
        raise HealthToolsError(_NOT_RUNNING)
    path = str(wheel_programs() / program)
    variables = {**os.environ, **server.client_environment(_service())}
    sys.stdout.flush()
    os.execve(path, [path, *arguments], variables)  # noqa: S606  (becoming it is the point)


def _service() -> str:
    return os.environ.get("PGSERVICE") or ENVIRONMENTS[0]


@cli.command()
@_environment
@click.option("--password", is_flag=True, help="Include the password, for tools that need it.")
@click.pass_obj
def url(server: EmbeddedPostgres, environment: str, password: bool) -> None:
    """Print the address of a database, for other programs."""
    address: Connection = server.connection(environment)
    click.echo(address.url(with_password=password))
