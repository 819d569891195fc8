"""What the doctor looks at: a Meltano project, its folders, its database."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from health_tools import database
from health_tools.postgres import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from health_tools.doctor.vendors import Asked


@dataclass(frozen=True)
class Installation:
    """One Meltano project, seen from one of its environments.

    Attributes:
        root: The folder of ``meltano.yml``.
        taps: The status commands of its taps, already at work.
    """

    root: Path
    taps: list[Asked]

    @staticmethod
    def find_root() -> Path:
        """The project as Meltano tells its plugins; else here."""
        return Path(os.environ.get("MELTANO_PROJECT_ROOT", "."))

    @property
    def postgres_home(self) -> Path | None:
        """The folder of the embedded PostgreSQL; None where the database is one of your own."""
        home = os.environ.get("HEALTH_POSTGRES_HOME")
        return Path(home) if home else None

    @property
    def folders(self) -> dict[str, Path]:
        """Where data lie on this machine: our folder, and the files of the database."""
        found = {".health-taps": self.root / ".health-taps"}
        home = self.postgres_home
        kept = record.load(home) if home else None
        if home and kept:
            found["the database"] = home / kept.cluster
        return {name: folder for name, folder in found.items() if folder.is_dir()}

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection]:
        """A session of the database that changes nothing.

        Raises:
            NoAnswerError: There is none.
        """
        with database.from_environment().connect() as session:
            session.read_only = True
            yield session


def plugins(root: Path) -> dict[str, list[dict[str, Any]]]:
    """The plugins in `meltano.yml` by their kind, as they are written there; none without it."""
    try:
        text = (root / "meltano.yml").read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    found: dict[str, list[dict[str, Any]]] | None = (yaml.safe_load(text) or {}).get("plugins")
    return found or {}
