"""dbt itself on a database, as Meltano calls it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from .chaos.recording import BUILD, dbt_settings
from .chaos.world import clean_environment
from .conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from health_tools.postgres.connection import Connection as Address

DBT = ROOT / ".meltano/utilities/dbt/venv/bin/health-dbt"


def dbt(folder: Path, *arguments: str, **env: str) -> Callable[[Address], None]:
    """What builds the models in a database by dbt itself, whose files are in a folder."""

    def run(database: Address) -> None:
        settings = {
            "HOST": database.host,
            "PORT": str(database.port),
            "USER": database.user,
            "PASSWORD": database.password,
            "DATABASE": database.dbname,
        }
        done = subprocess.run(
            [DBT, *(arguments or BUILD)],
            env={
                **clean_environment(),
                **dbt_settings(folder),
                "DBT_PROFILES_DIR": str(ROOT / "transform/profiles"),
                **{f"TARGET_POSTGRES_{name}": value for name, value in settings.items()},
                **env,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout

    return run
