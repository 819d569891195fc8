"""Records that go at the vendor, answers that only look like it, and tables that were lost."""

from __future__ import annotations

import subprocess
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


def nightly(vendor: Vendor) -> Settings:
    """Settings of a run that reads everything again."""
    return {f"{vendor.prefix}RECONCILE_DAYS": str(DAYS)}


def delete(struck: Cell, vendor: Vendor, count: int, *, after: int = 5) -> list[dict[str, Any]]:
    """Have the vendor forget nights, the newest but some; returns them."""
    stream = "sleeps" if vendor is WHOOP else "sleep_summary"
    nights = struck.sandbox.truth(struck.oracle.member, stream)
    nights.sort(key=lambda night: str(night.get("end") or night.get("enddate")), reverse=True)
    gone = nights[after : after + count]
    before = {table: keys(struck, table) for table in struck.oracle.keys}
    for night in gone:
        struck.sandbox.delete(struck.oracle.member, stream, night["id"])
    for table, known in before.items():
        struck.deleted.setdefault(table, set()).update(known - keys(struck, table))
    return gone


def keys(struck: Cell, table: str) -> set[tuple[Any, ...]]:
    return {record.key for record in struck.oracle.truth(table)}


def flagged(struck: Cell, vendor: Vendor) -> list[Any]:
    """The nights and recoveries of staging that count as deleted."""
    struck.build()
    return struck.query(
        "select raw_relation, count(*) from meta.deleted_records "
        f"where source_system = '{vendor.name}' group by 1 order by 1"
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
    stream = "sleeps" if vendor is WHOOP else "sleep_summary"
    with survived(world, vendor, days=DAYS, clean=nightly(vendor), member="jon") as struck:
        assert_works(struck.sync())
        assert flagged(struck, vendor) == []
        before = living(struck, vendor)
        gone = delete(struck, vendor, 3)
        struck.wait()
        assert_works(struck.sync(**nightly(vendor)))
        found = flagged(struck, vendor)
        assert ("sleeps" if vendor is WHOOP else "sleep_summary") in str(found)
        assert living(struck, vendor) == before - 3
        assert held(struck, vendor) == []
        for night in gone:
            struck.sandbox.add(struck.oracle.member, stream, night)
        struck.wait()
        assert_works(struck.sync(**nightly(vendor)))
        struck.build()
        assert living(struck, vendor) == before


@pytest.mark.parametrize("vendor", each(GROUP, "mass deletion"))
def test_a_mass_deletion_waits_for_consent(world: World, vendor: Vendor) -> None:
    stream = "sleeps" if vendor is WHOOP else "sleep_summary"
    with survived(world, vendor, days=DAYS, clean=nightly(vendor)) as struck:
        assert_works(struck.sync())
        struck.build()
        before = living(struck, vendor)
        delete(struck, vendor, 25)
        struck.wait()
        assert_works(struck.sync(**nightly(vendor)))
        assert flagged(struck, vendor) == []
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
        assert flagged(struck, vendor) == []
        assert living(struck, vendor) == before
        assert [(name, reason) for name, _, reason in held(struck, vendor)] == [
            (stream, "empty_answer")
        ]
        struck.sandbox.clear_faults()
        struck.wait()
        assert_works(struck.sync(**nightly(vendor)))
        struck.build()
        assert held(struck, vendor) == []


@pytest.mark.parametrize("vendor", each(GROUP, "page truncated at night", quick={WITHINGS}))
def test_a_truncated_page_deletes_nothing(world: World, vendor: Vendor) -> None:
    path, stream = one_service(vendor)
    with survived(world, vendor, days=DAYS, page_size=10) as struck:
        assert_works(struck.sync())
        struck.build()
        before = living(struck, vendor)
        struck.wait()
        struck.sandbox.add_fault(path, "truncate", times=None, skip=1)
        assert_failed(struck.sync(**nightly(vendor)), struck, {stream: "malformed_answer"})
        assert flagged(struck, vendor) == []
        assert held(struck, vendor) == []
        assert living(struck, vendor) == before


@pytest.mark.parametrize("vendor", each(GROUP, "list that ends too early"))
def test_a_list_that_ends_too_early_deletes_nothing(world: World, vendor: Vendor) -> None:
    """The vendor says that the first page is the last one."""
    path, stream = one_service(vendor)
    collection = "sleeps" if vendor is WHOOP else "sleep_summary"
    with survived(world, vendor, days=DAYS, clean=nightly(vendor)) as struck:
        assert_works(struck.sync())
        struck.build()
        before = living(struck, vendor)
        struck.wait()
        few = struck.sandbox.truth(struck.oracle.member, collection)[:10]
        short: dict[str, Any] = {
            WHOOP: {"kind": "status", "status": 200, "body": {"records": few, "next_token": None}},
            WITHINGS: {"kind": "envelope", "status": 0, "body": {"series": few, "more": False}},
        }[vendor]
        struck.sandbox.add_fault(path, **short, times=None)
        assert_works(struck.sync(**nightly(vendor)))
        assert flagged(struck, vendor) == []
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
