"""The loader `target-postgres`, one load of a schema at a time, behind a check of the database.

The loader itself is unchanged. Without the check it ends with a traceback of its database driver.
Without the lock, a loader whose Meltano was killed could still commit what it had read while the
next run writes newer rows of the same keys.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from health_tools import database, session_lock
from health_tools.errors import HealthToolsError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

_NO_DATABASE_NEEDED = {"--about", "--version", "--help"}
#: Seconds that a tap has to send its first record after the database was found to be down: longer
#: than a vendor's token endpoint may take to answer.
TAP_TIMEOUT = 90.0
_RECORD = b'"RECORD"'
_CHUNK = 65_536
# Reached by a way that only the loader itself knows how to build.
_PRIVATE_WAYS = ("ssl_client_certificate_enable", "ssh_tunnel")


def main() -> None:
    """Wait until the schema is free, then become `target-postgres` with the same arguments.

    Nothing of stdin is read before: what the tap sends meanwhile waits in the pipe.
    """
    with ExitStack() as turn:
        try:
            if lock := schema_lock(sys.argv[1:]):
                turn.enter_context(lock)
            target = _load_target()
        except HealthToolsError as error:
            error.show()
            await_first_record()
            sys.exit(error.exit_code)
        target.cli()


def await_first_record() -> None:
    """Read until the tap has sent a record, or ended, or has had time enough.

    Meltano kills the tap by force the moment the loader ends. That must not happen between a
    refresh token that is spent and the new one's way to the disk: with the first record it is over.
    """
    deadline = time.monotonic() + TAP_TIMEOUT
    received = b""
    while (left := deadline - time.monotonic()) > 0 and _RECORD not in received:
        ready, _, _ = select.select([sys.stdin], [], [], left)
        chunk = os.read(sys.stdin.fileno(), _CHUNK) if ready else b""
        if not chunk:
            return
        received = received[-len(_RECORD) :] + chunk


def schema_lock(arguments: Sequence[str]) -> AbstractContextManager[None] | None:
    """The lock of the schema that `arguments` configure; entering it needs the database to answer.

    None for arguments without a configuration, or with one that cannot be read: the loader
    complains about those. None, too, for ways to the database that only the loader can go.
    """
    settings = _settings(arguments)
    if settings is None or _NO_DATABASE_NEEDED.intersection(arguments):
        return None
    if not settings.get("sqlalchemy_url") and any(_enabled(settings, way) for way in _PRIVATE_WAYS):
        return None
    schema = settings.get("default_target_schema")
    return session_lock.held(
        database.from_settings(settings),
        f"load into schema {schema}" if schema else "load",
        command="health-target-postgres",
    )


def _settings(arguments: Sequence[str]) -> dict[str, Any] | None:
    sources = _values(arguments, "--config")
    settings: dict[str, Any] = {}
    for source in sources:
        if source == "ENV":
            settings.update(database.settings_of_environment())
            continue
        try:
            settings.update(json.loads(Path(source).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
    return settings if sources else None


def _values(arguments: Sequence[str], option: str) -> list[str]:
    """The values given to `option`, as `--option VALUE` or `--option=VALUE`."""
    following = [*arguments[1:], ""]
    return [
        after if argument == option else argument.partition("=")[2]
        for argument, after in zip(arguments, following, strict=False)
        if argument == option or argument.startswith(f"{option}=")
    ]


def _enabled(settings: dict[str, Any], way: str) -> bool:
    value = settings.get(way)
    return bool(value.get("enable") if isinstance(value, dict) else value)


def _load_target() -> Any:
    try:
        return import_module("target_postgres.target").TargetPostgres
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("target_postgres"):
            raise
        raise HealthToolsError(
            "The loader is not installed. "
            "Type: meltano install (or: pip install 'health-tools[loader]')."
        ) from error
