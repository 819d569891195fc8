"""Why the models are due to be built. Most of it the database knows: `meta.build_reasons`."""

from __future__ import annotations

from contextlib import closing
from itertools import groupby
from typing import TYPE_CHECKING

import psycopg

from health_tools import model_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from health_tools.database import Database

_LAST_BUILD = "select models_version, settings_version, has_passed from meta.last_build"
_NEWS = """
    select reason, concat_ws(' ', source_system, stream) from meta.build_reasons
    order by reason, source_system, stream
"""


def read(database: Database, versions: Mapping[str, str]) -> list[str]:
    """What a build would find new, as words for the log; nothing when it would find nothing.

    What cannot be asked is a reason, too: the build itself then says what is wrong.

    Args:
        database: Where the models are.
        versions: Those of the models and of their settings now, as `model_files` names them.

    Raises:
        HealthToolsError: The database does not answer.
    """
    with closing(database.connect()) as session:
        try:
            last = session.execute(_LAST_BUILD).fetchone()
            news = session.execute(_NEWS).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
            return ["not built before by this version"]
        except psycopg.Error as error:
            return [f"it cannot be asked what is new ({error.diag.message_primary or error})"]
    models, settings, has_passed = last or (None, None, False)
    known = {
        "other models": models != versions[model_files.MODELS],
        "other settings": settings != versions[model_files.SETTINGS],
        "the last build did not pass": not has_passed,
    }
    return [
        *(reason for reason, is_true in known.items() if is_true),
        *(_told(reason, rows) for reason, rows in groupby(news, key=lambda row: row[0])),
    ]


def _told(reason: str, rows: Iterable[tuple[str, str]]) -> str:
    where = ", ".join(name for _, name in rows if name)
    return f"{reason.replace('_', ' ')} ({where})" if where else reason.replace("_", " ")
