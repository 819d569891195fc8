"""Test kit: what every tap's catalog has to keep to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from health_tap_core.tap import HealthTap


def catalog_of(tap_class: type[HealthTap], selected: Sequence[str] | None = None) -> dict[str, Any]:
    """A tap's catalog; as it is discovered, or with these streams selected and no others."""
    tap = tap_class(config={}, validate_config=False)
    catalog: dict[str, Any] = msgspec.json.decode(tap.catalog_json_text)
    if selected is not None:
        for entry in catalog["streams"]:
            for item in entry["metadata"]:
                if not item["breadcrumb"]:
                    item["metadata"]["selected"] = entry["tap_stream_id"] in selected
    return catalog


def check_catalog(tap_class: type[HealthTap], keys: Mapping[str, Sequence[str]]) -> None:
    """A loader can keep every column for ever, and only keys and evidence are required.

    Args:
        tap_class: The tap.
        keys: The key of every stream of the vendor.

    Raises:
        AssertionError: Names the column.
    """
    found = {entry["tap_stream_id"]: entry for entry in catalog_of(tap_class)["streams"]}
    assert set(found) == {*keys, "sync_windows"}  # noqa: S101
    for stream, key in keys.items():
        assert found[stream]["key_properties"] == list(key), stream  # noqa: S101
        columns = found[stream]["schema"]["properties"]
        assert {"account", "user_id", "synced_at", "raw"} <= columns.keys(), stream  # noqa: S101
        required = {*key, "account", "synced_at"}
        for name, column in columns.items():
            where = f"{stream}.{name}"
            assert ("null" in column["type"]) == (name not in required), where  # noqa: S101
            assert column["type"][0] in {"string", "number", "boolean", "integer"}, where  # noqa: S101
            assert not {"enum", "pattern", "minimum", "maximum"} & column.keys(), where  # noqa: S101
            assert len(name.encode()) <= 63, where  # noqa: PLR2004, S101 (PostgreSQL's limit)
