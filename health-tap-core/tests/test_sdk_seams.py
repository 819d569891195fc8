"""The private parts of the SDK that this package relies on. Fails when an upgrade moves one."""

from __future__ import annotations

import inspect

import pytest
from singer_sdk import Stream, Tap


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (Stream, "_increment_stream_state", ["self", "latest_record", "context"]),
        (Stream, "_write_starting_replication_value", ["self", "context"]),
        (Stream, "_write_schema_message", ["self"]),
        (Stream, "_write_record_message", ["self", "record"]),
        (Tap, "_validate_config", ["self", "raise_errors"]),
        (Tap, "_handle_termination", ["self", "signum", "frame"]),
        (Tap, "sync_all", ["self"]),
    ],
)
def test_the_seam_is_where_we_use_it(owner: type, name: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(owner, name)).parameters) == parameters


def test_a_connection_test_is_told_from_a_sync_by_the_record_limit() -> None:
    assert Stream.ABORT_AT_RECORD_COUNT is None
    assert "ABORT_AT_RECORD_COUNT = " in inspect.getsource(Tap.run_sync_dry_run)
