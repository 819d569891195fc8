from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from health_tap_core.record import VendorRecord
from health_tap_core.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable


class Stream:
    """As much of a stream as the rows ask for."""

    primary_keys = ("id",)

    def __init__(self, replication_key: str | None) -> None:
        self.replication_key = replication_key

    def builder(self, *_: object) -> Callable[[VendorRecord], dict[str, Any]]:
        return lambda record: dict(msgspec.json.decode(record.json))


def rows_of(*texts: str, replication_key: str | None = "modified") -> Rows:
    stream: Any = Stream(replication_key)
    account: Any = None
    rows = Rows(stream, account, datetime(2026, 6, 1, tzinfo=timezone.utc))
    for text in texts:
        rows.add(VendorRecord(msgspec.Raw(text.encode())))
    return rows


OLD = '{"id":1,"modified":"2026-05-01T00:00:00Z","is":"old"}'
NEW = '{"id":1,"modified":"2026-05-02T00:00:00Z","is":"new"}'


@pytest.mark.parametrize("texts", [(OLD, NEW), (NEW, OLD)])
def test_of_a_key_that_comes_twice_the_newest_version_stays(texts: tuple[str, ...]) -> None:
    rows = rows_of(*texts)
    assert [row["is"] for row in rows] == ["new"]
    assert (rows.received, len(rows)) == (2, 1)


def test_without_a_version_the_last_one_stays() -> None:
    bare = ['{"id":1,"modified":null,"is":"first"}', '{"id":1,"modified":null,"is":"last"}']
    assert [row["is"] for row in rows_of(*bare)] == ["last"]
    assert [row["is"] for row in rows_of(NEW, OLD, replication_key=None)] == ["old"]
