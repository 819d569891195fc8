"""One process at a time: a lock in the database that lives exactly as long as its holder.

Meltano's own check for a second run ends with Meltano. What Meltano started may still be at work
after it was killed; a next run must not do the same work at the same time.
"""

from __future__ import annotations

import hashlib
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import click
import psycopg

from health_tools.errors import HealthToolsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from health_tools.database import Database

#: Seconds to wait for another holder: it only has to finish what it already has in hand.
PATIENCE = 600.0

# A lock that the server gives up while its holder still works would be none, and a role's own
# limits are not about waiting here.
_NO_TIME_LIMITS = """
    select set_config(name, '0', false) from pg_catalog.pg_settings
    where name in ('idle_session_timeout', 'statement_timeout')
"""


@contextmanager
def held(
    database: Database, work: str, *, command: str, patience: float = PATIENCE
) -> Iterator[None]:
    """Be the only holder of the lock `work` in `database`; wait for another one if need be.

    It is a session advisory lock: the server frees it when the session ends, also by `kill -9`.

    Args:
        database: Where the lock is; another database has locks of its own.
        work: What is done under the lock, as words for the message and as its name.
        command: The command that does it, for the message.
        patience: Seconds to wait.

    Raises:
        HealthToolsError: The database does not answer, or the other holder does not end in time.
    """
    with closing(database.connect()) as session:
        session.autocommit = True
        try:
            _take(session, work, patience)
        except psycopg.errors.LockNotAvailable:
            raise HealthToolsError(
                f"Another {work} did not end within {patience / 60:.0f} minutes. Look for a "
                f"process {command} that still runs, end it, and type the same again."
            ) from None
        except psycopg.Error as error:
            reason = str(error).partition("\n")[0]
            raise HealthToolsError(
                f"The lock for the {work} cannot be taken: {reason}. Type the same again."
            ) from None
        yield


def _take(session: psycopg.Connection, work: str, patience: float) -> None:
    number = int.from_bytes(hashlib.sha256(work.encode()).digest()[:8], "big", signed=True)
    session.execute(_NO_TIME_LIMITS)
    free = session.execute("select pg_try_advisory_lock(%s)", (number,)).fetchone()
    if free == (True,):
        return
    click.echo(
        f"Another {work} is still finishing: waiting for it, {patience / 60:.0f} minutes at most.",
        err=True,
    )
    session.execute("select set_config('lock_timeout', %s, false)", (f"{patience * 1000:.0f}",))
    session.execute("select pg_advisory_lock(%s)", (number,))
