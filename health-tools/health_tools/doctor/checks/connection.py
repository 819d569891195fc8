"""Does the database answer, what is it, and is it the one that the models are built in?"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from health_tools.database import NoAnswerError
from health_tools.doctor.finding import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from health_tools.doctor.finding import Finding
    from health_tools.doctor.installation import Installation

CHECK = "database"
#: Every other one lacks characters that a name of a workout or a note may have.
ENCODING = "UTF8"

ANSWERS = Message("ok", "PostgreSQL {version}, database {name}, {megabytes} MB, {encoding}")
NO_EMBEDDED = Message("problem", "no answer: {reason}", "type {meltano} invoke postgres:start")
NO_ANSWER = Message(
    "problem",
    "no answer: {reason}",
    "check TARGET_POSTGRES_HOST, _PORT, _USER, _PASSWORD and _DATABASE in .env, and that the "
    "server runs",
)
WRONG_ENCODING = Message(
    "problem",
    "database {name} stores {encoding}, which lacks characters that vendors send",
    "make another one with encoding UTF8 and name it in TARGET_POSTGRES_DATABASE",
)
OTHER_DATABASE = Message(
    "problem",
    "the loader writes to {loader}, dbt reads {dbt}",
    "name one database, with TARGET_POSTGRES_HOST, _PORT and _DATABASE in .env and without "
    "TARGET_POSTGRES_SQLALCHEMY_URL",
)

_ENV_VAR = re.compile(r"\{\{\s*env_var\('(\w+)'(?:,\s*'([^']*)')?\)\s*(?:\|\s*int\s*)?\}\}")
_FACTS = """
    select
        current_setting('server_version'), current_database(),
        pg_database_size(current_database()) / 1024 / 1024, current_setting('server_encoding')
"""


def check(installation: Installation) -> Iterator[Finding]:
    """Ask the database what it is."""
    try:
        with installation.session() as session:
            yield from _facts(session)
    except NoAnswerError as error:
        embedded = os.environ.get("PGSERVICE")
        yield (NO_EMBEDDED if embedded else NO_ANSWER).finding(CHECK, reason=error.found)


def _facts(session: psycopg.Connection) -> Iterator[Finding]:
    row = session.execute(_FACTS).fetchone()
    assert row  # noqa: S101 (a select without from has one row)
    names = ("version", "name", "megabytes", "encoding")
    facts = dict(zip(names, row, strict=True))
    message = ANSWERS if facts["encoding"] == ENCODING else WRONG_ENCODING
    yield message.finding(CHECK, **facts)
    loader = (session.info.host, str(session.info.port), session.info.dbname)
    dbt = _of_dbt()
    if dbt and dbt != loader:
        yield OTHER_DATABASE.finding(CHECK, loader=_address(loader), dbt=_address(dbt))


def _of_dbt() -> tuple[str, str, str] | None:
    """Host, port and name of the database in dbt's profile; None without one.

    What the profile leaves to the environment is looked up there, as dbt does.
    """
    file = Path(os.environ.get("DBT_PROFILES_DIR", "."), "profiles.yml")
    if not file.is_file():
        return None
    text = _ENV_VAR.sub(lambda m: os.environ.get(m[1], m[2] or ""), file.read_text("utf-8"))
    profile = yaml.safe_load(text)["health"]
    output = profile["outputs"][profile["target"]]
    return str(output["host"]), str(output["port"]), str(output["dbname"])


def _address(database: tuple[str, str, str]) -> str:
    host, port, name = database
    return f"{host or '(no host)'}:{port}/{name}"
