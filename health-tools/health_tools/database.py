"""Which database is meant, a session of it, and one clear message when it does not answer."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo

from health_tools.errors import HealthToolsError

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT_SECONDS = 10
_PREFIX = "TARGET_POSTGRES_"
# The loader's name of a setting -> libpq's.
_SETTINGS = {
    "host": "host",
    "port": "port",
    "user": "user",
    "password": "password",
    "database": "dbname",
}
_START = "Type: meltano invoke postgres:start"
_CHECK_SETTINGS = (
    "Check TARGET_POSTGRES_HOST, TARGET_POSTGRES_PORT, TARGET_POSTGRES_USER, "
    "TARGET_POSTGRES_PASSWORD and TARGET_POSTGRES_DATABASE in .env, and that the server runs."
)


class NoAnswerError(HealthToolsError):
    """The database does not answer, or nobody said which one it is."""

    def __init__(self, found: str, remedy: str) -> None:
        super().__init__(f"{found} {remedy}")
        self.found = found


@dataclass(frozen=True)
class Database:
    """A database by its libpq parameters; what they leave open, libpq's own defaults fill in.

    Those defaults include PGSERVICE and PGSERVICEFILE, by which the embedded PostgreSQL is found.
    """

    parameters: Mapping[str, str] = field(repr=False)

    def connect(self) -> psycopg.Connection:
        """Open a session, or raise a message with the reason and the next thing to do."""
        conninfo = make_conninfo(**{"connect_timeout": str(_TIMEOUT_SECONDS), **self.parameters})
        try:
            return psycopg.connect(conninfo)
        except psycopg.Error as error:
            reason = self._without_password(_essence(str(error)))
        found = f"The database does not answer ({self.address}): {reason}."
        raise NoAnswerError(found, self._remedy)

    @property
    def address(self) -> str:
        """Host, port and name of the database, as far as known without asking it."""
        known = self._known
        where = f"{known.get('host') or 'local socket'}:{known.get('port') or '5432'}"
        name = known.get("dbname") or known.get("user") or "named like the user"
        return f"{where}, database {name}"

    @property
    def _known(self) -> dict[str, str]:
        defaults = {
            option.keyword.decode(): option.val.decode()
            for option in Conninfo.get_defaults()
            if option.val is not None
        }
        return {**defaults, **self.parameters}

    @property
    def _remedy(self) -> str:
        by_service = "host" not in self.parameters and os.environ.get("PGSERVICE")
        return _START if by_service else _CHECK_SETTINGS

    def _without_password(self, text: str) -> str:
        password = self._known.get("password")
        return text.replace(password, "***") if password else text


def _essence(message: str) -> str:
    """The message of libpq on one line, without the guesses it adds."""
    line = " ".join(message.split()).removeprefix("connection failed: ")
    guess = " Is the server running on that host and accepting TCP/IP connections?"
    return line.replace(guess, "").rstrip(".")


def from_settings(settings: Mapping[str, Any]) -> Database:
    """The database that the loader's `settings` mean: `sqlalchemy_url`, else host and so on."""
    url = settings.get("sqlalchemy_url")
    if not url:
        given = {libpq: settings.get(name) for name, libpq in _SETTINGS.items()}
        return Database({name: str(value) for name, value in given.items() if value is not None})
    # SQLAlchemy names the driver in the scheme; the rest is libpq's own notation.
    address = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", str(url))
    try:
        parsed = conninfo_to_dict(address)
    except psycopg.Error:
        parsed = None
    if parsed is None:  # outside the handler: libpq's complaint may quote the password
        raise HealthToolsError(
            "The loader's sqlalchemy_url is not a valid address. Write it as "
            "postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE, with special characters "
            "of the password percent-encoded."
        )
    return Database({name: str(value) for name, value in parsed.items() if value is not None})


def settings_of_environment() -> dict[str, str]:
    """The loader's settings as environment variables (TARGET_POSTGRES_*) give them."""
    names = (*_SETTINGS, "sqlalchemy_url", "default_target_schema")
    return {
        name: os.environ[_PREFIX + name.upper()]
        for name in names
        if os.environ.get(_PREFIX + name.upper())
    }


def from_environment() -> Database:
    """The current environment's database: the libpq service if one is set, else the loader's."""
    if os.environ.get("PGSERVICE"):
        return Database({})
    settings = settings_of_environment()
    if not settings.keys() & {"host", "sqlalchemy_url"}:
        raise NoAnswerError("No database is configured.", _CHECK_SETTINGS)
    return from_settings(settings)
