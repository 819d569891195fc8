"""The catalog is a contract with every loader: any change to it must be a visible diff."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

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
    "sync_windows": ["window_id"],
}


@pytest.fixture(scope="module")
def catalog() -> dict[str, dict[str, Any]]:
    tap = TapWhoop(config={}, validate_config=False)
    streams = json.loads(tap.catalog_json_text)["streams"]
    return {entry["tap_stream_id"]: entry for entry in streams}


def test_the_streams_are_these(catalog: dict[str, dict[str, Any]]) -> None:
    assert set(catalog) == set(KEYS)


@pytest.mark.parametrize("stream", KEYS)
def test_the_catalog_has_not_changed(
    catalog: dict[str, dict[str, Any]], stream: str, snapshot: SnapshotAssertion
) -> None:
    assert catalog[stream] == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize(("stream", "keys"), KEYS.items(), ids=KEYS)
def test_only_keys_and_our_own_columns_are_required(
    catalog: dict[str, dict[str, Any]], stream: str, keys: list[str]
) -> None:
    entry = catalog[stream]
    assert entry["key_properties"] == keys
    if stream != "sync_windows":
        required = {*keys, "account", "synced_at"}
        for name, column in entry["schema"]["properties"].items():
            assert ("null" in column["type"]) == (name not in required), name


@pytest.mark.parametrize("stream", sorted(set(KEYS) - {"sync_windows"}))
def test_a_loader_can_keep_every_column_for_ever(
    catalog: dict[str, dict[str, Any]], stream: str
) -> None:
    for name, column in catalog[stream]["schema"]["properties"].items():
        kind = column["type"][0]
        is_id = name == "id" or name.endswith("_id")
        assert kind in {"string", "number", "boolean", "integer"}, name
        assert (kind == "integer") <= is_id, f"{name} would break on its first fraction"
        assert not {"enum", "pattern", "minimum", "maximum"} & column.keys(), name
        assert len(name.encode()) <= 63, name


def test_columns_of_ours_are_everywhere(catalog: dict[str, dict[str, Any]]) -> None:
    for stream in set(KEYS) - {"sync_windows"}:
        assert {"account", "user_id", "synced_at", "raw"} <= set(
            catalog[stream]["schema"]["properties"]
        )


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
        assert {entry["stream"] for entry in json.loads(answer)["streams"]} == set(KEYS)
    else:
        assert "tap-whoop" in answer
