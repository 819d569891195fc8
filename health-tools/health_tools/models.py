"""dbt, one build of a database at a time, of everything when the models have changed.

dbt is unchanged. Two builds at once lock each other out, or add the same rows to a table that only
grows; and a build whose Meltano was killed goes on by itself.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import ExitStack
from importlib import import_module

import click

from health_tools import build_reasons, database, model_files, session_lock
from health_tools.errors import HealthToolsError

#: The one argument that is not dbt's: build only what has news since the last build.
IF_DUE = "--if-due"

_BUILD_MODELS = {"build", "run"}
_CHANGE_THE_DATABASE = {"build", "clone", "retry", "run", "run-operation", "seed", "snapshot"}
# dbt makes objects by the million and few in cycles. Looking for those as often as Python does by
# itself takes a tenth of a build's CPU; this takes half of that, and no more memory.
_COLLECT_SELDOM = (20_000, 50, 100)


def main() -> None:
    """Wait for another build to end, then become `dbt` with the same arguments, if it is due."""
    asks_first = IF_DUE in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != IF_DUE]
    with ExitStack() as turn:
        if _CHANGE_THE_DATABASE.intersection(sys.argv[1:]):
            try:
                built = database.from_environment()
                turn.enter_context(
                    session_lock.held(built, "build of the models", command="health-dbt")
                )
                if _BUILD_MODELS.intersection(sys.argv[1:]):
                    os.environ.update(model_files.versions())
                    if asks_first and not _is_due(built):
                        return
                    _rebuild_what_other_models_built(built)
            except HealthToolsError as error:
                error.show()
                sys.exit(error.exit_code)
        gc.set_threshold(*_COLLECT_SELDOM)
        import_module("dbt.cli.main").cli()


def _is_due(built: database.Database) -> bool:
    reasons = build_reasons.read(built, os.environ)
    if reasons:
        click.echo(f"The models are built: {', '.join(reasons)}.")
    else:
        click.echo("Nothing is new since the last build: the models stay as they are.")
    return bool(reasons)


def _rebuild_what_other_models_built(built: database.Database) -> None:
    version = os.environ[model_files.MODELS]
    if model_files.built_version(built) != version and "--full-refresh" not in sys.argv:
        sys.argv.append("--full-refresh")
