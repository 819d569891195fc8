"""Versions of the models and of their settings, and the one that a database was built with.

A build replaces the rows of what has changed in the data. When the models themselves have changed,
all rows have: then dbt is to build with ``--full-refresh``.
"""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from health_tools.database import Database

#: The environment variables by which dbt is told the versions; `meta.last_build` keeps them.
MODELS = "HEALTH_MODELS_VERSION"
SETTINGS = "HEALTH_SETTINGS_VERSION"
_FILES = ("dbt_project.yml", "macros/**/*.sql", "models/**/*", "seeds/**/*")
_SETTING = re.compile(rb"'(HEALTH_[A-Z_]+)'")


def versions() -> dict[str, str]:
    """The versions of the models in ``DBT_PROJECT_DIR``, else here, and of their settings.

    The one is a hash of their files; the other of the values of all variables HEALTH_* that the
    files name, those of the versions apart.
    """
    root = Path(os.environ.get("DBT_PROJECT_DIR", "."))
    files = hashlib.sha256()
    names: set[str] = set()
    for file in _files(root):
        content = file.read_bytes()
        files.update(f"{file.relative_to(root).as_posix()}\0".encode())
        files.update(hashlib.sha256(content).digest())
        names.update(name.decode() for name in _SETTING.findall(content))
    settings = sorted((name, os.environ.get(name, "")) for name in names - {MODELS, SETTINGS})
    return {MODELS: _short(files.digest()), SETTINGS: _short(repr(settings).encode())}


def built_version(database: Database) -> str | None:
    """The version that a database was built with last; None if it was never built to the end.

    Raises:
        HealthToolsError: The database does not answer.
    """
    with closing(database.connect()) as session:
        try:
            found = session.execute("select models_version from meta.last_build").fetchone()
        except psycopg.Error:  # what is wrong, if anything is, dbt will say
            return None
    return found[0] if found else None


def _files(root: Path) -> Iterator[Path]:
    for file in sorted({file for pattern in _FILES for file in root.glob(pattern)}):
        if file.is_file():
            yield file


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
