"""Which version of the models there is, and which one a database was built with last.

A build replaces the rows of what has changed in the data. When the models themselves have changed,
all rows have: then dbt is to build with ``--full-refresh``.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from health_tools.database import Database

#: The environment variable by which dbt is told the version; `meta.last_build` keeps it.
VARIABLE = "HEALTH_MODELS_VERSION"
_FILES = ("dbt_project.yml", "macros/**/*.sql", "models/**/*", "seeds/**/*")


def version() -> str:
    """The version of the models in ``DBT_PROJECT_DIR``, else here: a hash of their files."""
    root = Path(os.environ.get("DBT_PROJECT_DIR", "."))
    digest = hashlib.sha256()
    for file in sorted({file for pattern in _FILES for file in root.glob(pattern)}):
        if file.is_file():
            digest.update(f"{file.relative_to(root).as_posix()}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def built_version(database: Database) -> str | None:
    """The version that a database was built with last; None if it was never built to the end.

    Raises:
        HealthToolsError: The database does not answer.
    """
    with closing(database.connect()) as session:
        try:
            found = session.execute("select models_version from meta.last_build").fetchone()
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
            return None
    return found[0] if found else None
