"""The catalog is a contract with every loader: any change to it must be a visible diff."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

from health_tap_core.catalog_checks import catalog_of, check_catalog
from tap_whoop.tap import TapWhoop

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

KEYS = {
    "user_basic_profile": ["user_id"],
    "user_body_measurement": ["user_id"],
    "cycles": ["id"],
    "sleeps": ["id"],
    "recoveries": ["cycle_id"],
    "workouts": ["id"],
}


@pytest.fixture(scope="module")
def catalog() -> dict[str, dict[str, Any]]:
    return {entry["tap_stream_id"]: entry for entry in catalog_of(TapWhoop)["streams"]}


@pytest.mark.parametrize("stream", [*KEYS, "sync_windows"])
def test_the_catalog_has_not_changed(
    catalog: dict[str, dict[str, Any]], stream: str, snapshot: SnapshotAssertion
) -> None:
    assert catalog[stream] == snapshot(extension_class=JSONSnapshotExtension)


def test_a_loader_can_keep_every_column_for_ever(catalog: dict[str, dict[str, Any]]) -> None:
    check_catalog(TapWhoop, KEYS)
    for stream in KEYS:
        for name, column in catalog[stream]["schema"]["properties"].items():
            is_id = name == "id" or name.endswith("_id")
            assert (column["type"][0] == "integer") <= is_id, f"{name} breaks on its first fraction"


def test_steps_are_on_the_cycle(catalog: dict[str, dict[str, Any]]) -> None:
    assert catalog["cycles"]["schema"]["properties"]["step_count"]["type"] == ["number", "null"]


@pytest.mark.parametrize("option", ["--discover", "--about", "--version"])
def test_the_command_answers_without_settings_and_without_a_network(option: str) -> None:
    blocked = "import socket; socket.socket.connect = socket.getaddrinfo = None; "
    run = f"import sys; sys.argv = ['tap-whoop', {option!r}]; import tap_whoop.__main__"
    answer = subprocess.run(
        [sys.executable, "-c", blocked + run], capture_output=True, text=True, check=True
    ).stdout
    if option == "--discover":
        assert {entry["stream"] for entry in json.loads(answer)["streams"]} == {
            *KEYS,
            "sync_windows",
        }
    else:
        assert "tap-whoop" in answer
