"""dbt, one build of a database at a time.

dbt is unchanged. Two builds at once lock each other out, or add the same rows to a table that only
grows; and a build whose Meltano was killed goes on by itself.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from importlib import import_module

from health_tools import database, session_lock
from health_tools.errors import HealthToolsError

_CHANGE_THE_DATABASE = {"build", "clone", "retry", "run", "run-operation", "seed", "snapshot"}


def main() -> None:
    """Wait for another build to end, then become `dbt` with the same arguments."""
    with ExitStack() as turn:
        if _CHANGE_THE_DATABASE.intersection(sys.argv[1:]):
            try:
                turn.enter_context(
                    session_lock.held(
                        database.from_environment(), "build of the models", command="health-dbt"
                    )
                )
            except HealthToolsError as error:
                error.show()
                sys.exit(error.exit_code)
        import_module("dbt.cli.main").cli()
