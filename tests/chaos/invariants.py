"""What has to hold after any sequence of syncs, faults and kills."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from psycopg import sql

from ..oracle.records import parse_instant
from .ledger import the_ledger_explains_every_day
from .models import fingerprints, forget

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..oracle.records import TrueRecord
    from .cell import Cell
    from .sync import State

#: Longer than an access token lives at either vendor.
EXPIRED = timedelta(hours=4)


def nothing_is_lost(cell: Cell) -> None:
    """I1: every record that the vendor has, and that was asked for, has a row."""
    with cell.connect() as connection:
        for stream in cell.oracle.keys:
            assert not cell.oracle.compare(connection, stream).lost, stream


def nothing_is_there_twice(cell: Cell) -> None:
    """I2: no table holds a key twice."""
    with cell.connect() as connection:
        for table, keys in {**cell.oracle.keys, "sync_windows": ["window_id"]}.items():
            columns = sql.SQL(", ").join(map(sql.Identifier, keys))
            statement = sql.SQL("select count(*) - count(distinct ({})) from {}").format(
                columns, sql.Identifier(cell.oracle.schema, table)
            )
            assert connection.execute(statement).fetchone() == (0,), table


def the_newest_version_wins(cell: Cell) -> None:
    """I3: every row says what the vendor says now, and rows beside that were deleted there."""
    with cell.connect() as connection:
        for stream in cell.oracle.keys:
            found = cell.oracle.compare(connection, stream)
            assert not found.wrong, stream
            assert found.surplus <= cell.deleted.get(stream, set()), stream


def state_is_not_ahead(cell: Cell, state: State) -> None:
    """I4: what a confirmed state will not have read again is in the database.

    That is every record whose activity lies in a stretch that the state calls covered, and every
    change up to a bookmark of changes; but for what changed since the sync began.
    """
    with cell.connect() as connection:
        for stream, partition in partitions(state):
            for table in partition.get("tables", [stream]):
                rows = cell.oracle.stored(connection, table)
                for record in cell.oracle.truth(table):
                    if record.changed and cell.known_from and record.changed >= cell.known_from:
                        continue
                    if _promises(cell, table, partition, record):
                        assert record.key in rows, f"{table} {record.key} of {record.start}"
                    if _knows_change(cell, table, partition, record):
                        changed = rows[record.key]["modified"]
                        assert changed == record.columns.get("modified"), f"{table} {record.key}"


def _promises(cell: Cell, table: str, partition: dict[str, Any], record: TrueRecord) -> bool:
    """Whether a state says of a record that it was read."""
    stretches = [map(parse_instant, stretch) for stretch in partition.get("covered", [])]
    return any(cell.oracle.lies_in(record, *stretch) for stretch in stretches) or _knows_change(
        cell, table, partition, record
    )


def _knows_change(cell: Cell, table: str, partition: dict[str, Any], record: TrueRecord) -> bool:
    """Whether a state says of a record that its last change was read."""
    bookmark = partition.get("replication_key_value")
    if table not in cell.oracle.by_change or bookmark is None or record.changed is None:
        return False
    return cell.oracle.start <= record.changed < parse_instant(bookmark)


def what_is_proven_is_there(cell: Cell) -> None:
    """I4, as the models have it: what lies in a window that counts as proven has a row.

    Needs the models. What changed after a window was read is not its business.
    """
    with cell.connect() as connection:
        windows = connection.execute(
            "select stream, window_start_at at time zone 'UTC', window_end_at at time zone 'UTC', "
            "synced_at at time zone 'UTC' from staging.int_sync__proven_windows "
            "where basis = 'activity_time'"
        ).fetchall()
        for stream, start, end, synced_at in windows:
            rows = cell.oracle.stored(connection, stream)
            for record in cell.oracle.truth(stream):
                if cell.oracle.lies_in(record, start, end) and not (
                    record.changed and record.changed > synced_at
                ):
                    assert record.key in rows, f"{stream} {record.key} of {record.start}"


def partitions(state: State) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each stream's state for each account."""
    for stream, bookmark in state.get("bookmarks", {}).items():
        for partition in bookmark.get("partitions", []):
            yield stream, partition


def the_grant_works(cell: Cell) -> None:
    """I5: when the access token has expired, the stored grant still brings a new one."""
    cell.wait(EXPIRED.total_seconds())
    assert cell.grant_works(EXPIRED.total_seconds())


def a_rebuild_is_equal(cell: Cell) -> None:
    """I6: what was built run by run is what one build makes of the raw tables."""
    cell.build()
    with cell.copy() as copy:
        forget(copy)
        cell.build_models(copy)
        anew, grown = fingerprints(copy), fingerprints(cell.database)
        different = {name for name in {*anew, *grown} if anew.get(name) != grown.get(name)}
        assert not different, f"a rebuild changes {different}"


def no_secret_is_kept(cell: Cell) -> None:
    """I8: no token, code or client secret is in a table, a state, a log or any other file."""
    secrets = [secret.encode() for secret in cell.server.secrets()]
    for name, content in _evidence(cell):
        assert not any(secret in content for secret in secrets), name


INVARIANTS = {
    "I1": nothing_is_lost,
    "I2": nothing_is_there_twice,
    "I3": the_newest_version_wins,
    "I6": a_rebuild_is_equal,
    "I7": the_ledger_explains_every_day,
    # Lets time pass, in which there is something new at the vendor.
    "I5": the_grant_works,
    "I8": no_secret_is_kept,
}


def assert_all(cell: Cell) -> None:
    """Everything that has to hold after a clean run; I4 is checked in every run itself."""
    for check in INVARIANTS.values():
        check(cell)


def _evidence(cell: Cell) -> Iterator[tuple[str, bytes]]:
    for path in cell.root.rglob("*"):
        # A project's own file names the client of the environment demo.
        if path.is_file() and path.name != "meltano.yml":
            yield str(path), path.read_bytes()
    with cell.connect() as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables "
            "where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        for table in tables:
            copy = sql.SQL("copy {} to stdout").format(sql.Identifier(*table))
            with connection.cursor().copy(copy) as rows:
                yield ".".join(table), b"".join(rows)
