"""dbt over a file of DuckDB: what somebody types who has no PostgreSQL."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class DuckDBProject:
    """The models of this project over one file.

    Attributes:
        folder: Where the file is, and what dbt writes beside it.
    """

    folder: Path

    @property
    def path(self) -> Path:
        """The database."""
        return self.folder / "health.duckdb"

    def build(self, *arguments: str) -> str:
        """Run `dbt build`, which has to succeed; returns what it said."""
        foreign = ("TARGET_", "HEALTH_", "DBT_")
        clean = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        done = subprocess.run(
            [str(ROOT / ".venv/bin/dbt"), "build", "--target=duckdb", *arguments],
            cwd=ROOT / "transform",
            env={
                **clean,
                "HEALTH_DUCKDB_PATH": str(self.path),
                "DBT_PROFILES_DIR": "profiles",
                "DBT_TARGET_PATH": str(self.folder / "target"),
                "DBT_LOG_PATH": str(self.folder / "logs"),
                "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
                "DBT_VERSION_CHECK": "false",
                "DBT_USE_COLORS": "false",
                # Nobody reads what takes long to write.
                "DBT_WRITE_JSON": "false",
                "DBT_LOG_LEVEL_FILE": "info",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout
