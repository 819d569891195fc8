"""Runs of dbt that tell each of their statements.

``before create model.health.device`` and ``after create model.health.device`` stand around each
statement of a node, by its first word; ``commit`` around what makes a node's work lasting.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbt.adapters.sql.connections import SQLConnectionManager
from dbt.cli.main import cli  # noqa: F401 (imported once, here)

from health_tools import models

from .zygote import serve

if TYPE_CHECKING:
    from .messages import Job
    from .moments import Moments

_COMMENT = re.compile(r"^\s*/\*.*?\*/\s*", re.DOTALL)


def run(job: Job, moments: Moments) -> None:
    """Be dbt."""
    execute = SQLConnectionManager.add_query

    def patched(self: Any, statement: str, *args: Any, **kwargs: Any) -> Any:
        node = self.get_thread_connection().name
        plain = _COMMENT.sub("", statement).strip()
        verb = plain.split(maxsplit=1)[0].lower() if plain else ""
        moments.reach(f"before {verb} {node}")
        result = execute(self, statement, *args, **kwargs)
        if job.record:
            values = kwargs.get("bindings") or (args[1] if len(args) > 1 else None)
            line = [node, plain, None if values is None else [*map(_plain, values)]]
            with Path(job.record).open("a", encoding="utf-8") as record:
                record.write(json.dumps(line) + "\n")
        moments.reach(f"after {verb} {node}")
        return result

    SQLConnectionManager.add_query = patched
    models.main()


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int)) else str(value)


if __name__ == "__main__":
    serve({"dbt": run})
