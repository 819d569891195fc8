"""The command `health-report`, reached as `meltano invoke report:build`."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import click

from health_dashboards.report import marts, page
from health_tools import database
from health_tools.errors import HealthToolsError
from health_tools.private_files import write_private

if TYPE_CHECKING:
    from health_dashboards.report.marts import Person


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """What the marts say, as pages that open from disk."""


@cli.command()
@click.option(
    "--folder",
    envvar="HEALTH_REPORT_FOLDER",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the pages are written, one for each person.",
)
def build(folder: Path) -> None:
    """Write a page for each person of whom there is a number."""
    with database.from_environment().connect() as session:
        session.read_only = True
        people = marts.people(session)
    if not people:
        raise HealthToolsError(
            "There is nothing to show: the models hold no number of anybody. "
            "Type: meltano run sync (for what make demo made: export MELTANO_ENVIRONMENT=demo)"
        )
    for person in people:
        click.echo(_write(person, folder))


def _write(person: Person, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{_file_name(person.user_id)}.html"
    write_private(path, page.render(person, made_at=datetime.now(timezone.utc)))
    return path


def _file_name(user_id: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in user_id)
