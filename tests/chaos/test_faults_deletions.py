"""Records that go at the vendor, answers that only look like it, and tables that were lost."""

from __future__ import annotations

import subprocess
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from ..conftest import ROOT
from .reliability import cell
from .strikes import BOTH, Settings, assert_failed, assert_works, each, one_service, survived
from .vendors import WHOOP, WITHINGS

if TYPE_CHECKING:
    from .cell import Cell
    from .vendors import Vendor
    from .world import World

GROUP = "Faults of deletions"
DAYS = 40
NIGHTS = {WHOOP: "sleeps", WITHINGS: "sleep_summary"}


def nightly(vendor: Vendor) -> Settings:
    """Settings of a run that reads everything again."""
    return {f"{vendor.prefix}RECONCILE_DAYS": str(DAYS)}


Gone = list[tuple[str, dict[str, Any]]]


def delete(struck: Cell, vendor: Vendor, count: int) -> Gone:
    """Have the vendor forget nights, but not the newest; returns what has gone."""
    stream, member = NIGHTS[vendor], struck.oracle.member
    nights = struck.sandbox.truth(member, stream)
    nights.sort(key=lambda night: str(night.get("end") or night.get("enddate")), reverse=True)
    gone = [(stream, night) for night in nights[5 : 5 + count]]
    if vendor is WHOOP:
        ids = {night["id"] for _, night in gone}
        recoveries = struck.sandbox.truth(member, "recoveries")
        gone += [("recoveries", each) for each in recoveries if each["sleep_id"] in ids]
    before = {table: keys(struck, table) for table in struck.oracle.keys}
    for night in nights[5 : 5 + count]:
        struck.sandbox.delete(member, stream, night["id"])
    for table, known in before.items():
        struck.deleted.setdefault(table, set()).update(known - keys(struck, table))
    return gone


def keys(struck: Cell, table: str) -> set[tuple[Any, ...]]:
    return {record.key for record in struck.oracle.truth(table)}


def flagged(struck: Cell, vendor: Vendor) -> dict[str, int]:
    """How many rows of each table count as deleted, when the models are built."""
    struck.build()
    return dict(
        struck.query(
            "select raw_relation, count(*) from meta.deleted_records "
            f"where source_system = '{vendor.name}' group by 1"
        )
    )


def held(struck: Cell, vendor: Vendor) -> list[Any]:
    return struck.query(
        "select stream, records, reason from meta.held_deletions "
        f"where source_system = '{vendor.name}' order by 1"
    )


def living(struck: Cell, vendor: Vendor) -> int:
    """The nights of canonical that are not deleted."""
    ((count,),) = struck.query(
        "select count(*) from canonical.sleep_sessions "
        f"where source_system = '{vendor.name}' and deleted_at is null"
    )
    return int(count)


@pytest.mark.parametrize("vendor", each(GROUP, "three nights deleted, and back", quick={WHOOP}))
def test_a_deletion_is_flagged_until_the_record_is_back(world: World, vendor: Vendor) -> None:
    with survived(world, vendor, days=DAYS, clean=nightly(vendor)) as struck:
        assert_works(struck.sync())
        assert flagged(struck, vendor) == {}
        before = living(struck, vendor)
        gone = delete(struck, vendor, 3)
        struck.wait()
        assert_works(struck.sync(**nightly(vendor)))
        expected = Counter(f"{vendor.name}_raw.{stream}" for stream, _ in gone)
        assert flagged(struck, vendor) == expected
        assert living(struck, vendor) == before - 3
        assert held(struck, vendor) == []
        for stream, record in gone:
            struck.sandbox.add(struck.oracle.member, stream, record)
        struck.wait()
        assert_works(struck.sync(**nightly(vendor)))
        struck.build()
        assert living(struck, vendor) == before


@pytest.mark.parametrize("vendor", each(GROUP, "mass deletion"))
def test_a_mass_deletion_waits_for_consent(world: World, vendor: Vendor) -> None:
    stream = NIGHTS[vendor]
    with survived(world, vendor, days=DAYS, clean=nightly(vendor)) as struck:
        assert_works(struck.sync())
        struck.build()
        before = living(struck, vendor)
        delete(struck, vendor, 25)
        struck.wait()
        assert_works(struck.sync(**nightly(vendor)))
        assert flagged(struck, vendor) == {}
        assert living(struck, vendor) == before
        assert (stream, 25, "too_many") in held(struck, vendor)


EMPTY: dict[Vendor, dict[str, Any]] = {
    WHOOP: {"kind": "status", "status": 200, "body": {"records": [], "next_token": None}},
    WITHINGS: {"kind": "envelope", "status": 0, "body": {"series": [], "more": False}},
}


@pytest.mark.parametrize("vendor", each(GROUP, "nothing but an empty answer"))
def test_an_empty_answer_deletes_nothing(world: World, vendor: Vendor) -> None:
    path, stream = one_service(vendor)
    with survived(world, vendor, days=DAYS, clean=nightly(vendor)) as struck:
        assert_works(struck.sync())
        struck.build()
        before = living(struck, vendor)
        struck.wait()
        struck.sandbox.add_fault(path, **EMPTY[vendor], times=None)
        assert_works(struck.sync(**nightly(vendor)))
        assert flagged(struck, vendor) == {}
        assert living(struck, vendor) == before
        assert [(name, reason) for name, _, reason in held(struck, vendor)] == [
            (stream, "empty_answer")
        ]
        struck.sandbox.clear_faults()
        struck.wait()
        assert_works(struck.sync(**nightly(vendor)))
        struck.build()
        assert held(struck, vendor) == []


@pytest.mark.parametrize("vendor", each(GROUP, "page truncated at night"))
def test_a_truncated_page_deletes_nothing(world: World, vendor: Vendor) -> None:
    path, stream = one_service(vendor)
    with survived(world, vendor, days=DAYS, page_size=10) as struck:
        assert_works(struck.sync())
        struck.build()
        before = living(struck, vendor)
        struck.wait()
        struck.sandbox.add_fault(path, "truncate", times=None, skip=1)
        assert_failed(struck.sync(**nightly(vendor)), struck, {stream: "malformed_answer"})
        assert flagged(struck, vendor) == {}
        assert held(struck, vendor) == []
        assert living(struck, vendor) == before


@pytest.mark.parametrize("vendor", each(GROUP, "list that ends too early"))
def test_a_list_that_ends_too_early_deletes_nothing(world: World, vendor: Vendor) -> None:
    """The vendor says that the first page is the last one."""
    path, stream = one_service(vendor)
    with survived(world, vendor, days=DAYS, clean=nightly(vendor)) as struck:
        assert_works(struck.sync())
        struck.build()
        before = living(struck, vendor)
        struck.wait()
        few = struck.sandbox.truth(struck.oracle.member, stream)[:10]
        short: dict[str, Any] = {
            WHOOP: {"kind": "status", "status": 200, "body": {"records": few, "next_token": None}},
            WITHINGS: {"kind": "envelope", "status": 0, "body": {"series": few, "more": False}},
        }[vendor]
        struck.sandbox.add_fault(path, **short, times=None)
        assert_works(struck.sync(**nightly(vendor)))
        assert flagged(struck, vendor) == {}
        assert living(struck, vendor) == before
        assert [(name, reason) for name, _, reason in held(struck, vendor)] == [
            (stream, "too_many")
        ]


LOSSES = {
    "a table emptied": "truncate {schema}.{table}",
    "a table dropped": "drop table {schema}.{table} cascade",
    "the whole schema dropped": "drop schema {schema} cascade",
}


@pytest.mark.parametrize(
    ("vendor", "loss"),
    [
        cell(GROUP, f"{vendor.words}: {words} while the state remains", vendor, loss)
        for vendor in BOTH
        for words, loss in LOSSES.items()
    ],
)
def test_a_target_that_was_emptied_is_told(world: World, vendor: Vendor, loss: str) -> None:
    _, table = one_service(vendor)
    with survived(world, vendor, days=DAYS) as struck:
        assert_works(struck.sync())
        struck.build()
        struck.wait()
        with struck.connect() as session:
            statement = loss.format(schema=struck.oracle.schema, table=table)
            session.execute(statement.encode())
        checked, struck.check_state = struck.check_state, lambda *_: None
        assert_works(struck.sync())
        struck.build()
        statuses = struck.query(
            "select distinct status from meta.coverage_ledger "
            f"where source_system = '{vendor.name}' and stream = '{table}' "
            "and local_date between '2026-05-01' and '2026-05-15'"
        )
        assert {status for (status,) in statuses} <= {"not_yet_asked", "failed"}
        told = subprocess.run(
            [ROOT / ".venv/bin/health", "status"],
            env=struck.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 1, told.stdout
        assert table in told.stdout
        assert "--full-refresh" in told.stdout
        # What it says to type.
        struck.state, struck.check_state = None, checked
