"""The raw tables that dbt declares are those that the taps write, and all of them are followed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import ROOT

#: How the loader stores each kind of column.
TYPES = {"integer": "bigint", "number": "numeric", "boolean": "boolean", "string": "text"}
FORMATS = {"date-time": "timestamp", "date": "date", "uuid": "uuid"}
#: What `raw_tables` lists: whose records and sync logs the models read.
LISTED: dict[str, list[str]] = yaml.safe_load((ROOT / "transform/dbt_project.yml").read_text())[
    "vars"
]["raw_tables"]

Table = tuple[list[str], dict[str, str]]


def declared(vendor: str) -> dict[str, Table]:
    """Key, columns and types of each raw table, as dbt's sources have them."""
    tables: dict[str, Table] = {}
    for path in (ROOT / "transform/models/staging" / vendor).glob("_*sources*.yml"):
        for source in yaml.safe_load(path.read_text())["sources"]:
            for table in source["tables"]:
                tables[table["name"]] = (
                    table["config"]["meta"]["key"],
                    {
                        column["name"]: column["data_type"]
                        for column in table["columns"]
                        if not column["name"].startswith("_sdc_")
                    },
                )
    return tables


def written(vendor: str) -> dict[str, Table]:
    """Key, columns and types of each raw table, as the loader makes them of the tap's catalog."""
    tap = Path(sys.executable).with_name(f"tap-{vendor}")
    streams: list[dict[str, Any]] = json.loads(subprocess.check_output([tap, "--discover"]))[
        "streams"
    ]
    return {
        stream["tap_stream_id"]: (
            stream["key_properties"],
            {
                name: FORMATS.get(column.get("format"), TYPES[column["type"][0]])
                for name, column in stream["schema"]["properties"].items()
            },
        )
        for stream in streams
    }


@pytest.mark.parametrize("vendor", sorted(LISTED))
def test_the_sources_are_the_taps_tables(vendor: str) -> None:
    assert declared(vendor) == written(vendor)


def test_every_raw_table_is_on_the_list_from_which_changes_are_read() -> None:
    folders = (ROOT / "transform/models/staging").glob("*/_*sources*.yml")
    declared_by = {path.parent.name for path in folders}
    assert {vendor: {*declared(vendor)} for vendor in declared_by} == {
        vendor: {*tables, "sync_windows"} for vendor, tables in LISTED.items()
    }
