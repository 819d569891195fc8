"""What each line of a log carries, whoever logs it."""

from __future__ import annotations

import json
import logging
import uuid
from typing import Any

import pytest
from singer_sdk.logging import StructuredFormatter

from health_tap_core.log_fields import VARIABLE, log_fields, new_run_id


def fields(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The lines so far, as the SDK writes them under Meltano: the fields that are ours."""
    lines = [json.loads(StructuredFormatter().format(record)) for record in caplog.records]
    own = {"message"}  # pytest's
    return [
        {k: v for k, v in line["extra"].items() if k not in own}
        | {"stream_name": line["stream_name"]}
        for line in lines
    ]


def test_lines_say_whose_they_are_whoever_logs_them(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    of_others = logging.getLogger("somebody.elses")
    with log_fields(sync_run_id="r1"):
        of_others.info("begun")
        with log_fields(account="ana", stream_name="walks"):
            of_others.info("reading")
            with log_fields(stream_name="steps"):
                of_others.warning("a part of it")
        of_others.info("over")
    of_others.info("nobody's")
    assert fields(caplog) == [
        {"sync_run_id": "r1", "stream_name": None},
        {"sync_run_id": "r1", "account": "ana", "stream_name": "walks"},
        {"sync_run_id": "r1", "account": "ana", "stream_name": "steps"},
        {"sync_run_id": "r1", "stream_name": None},
        {"stream_name": None},
    ]


def test_a_line_may_have_fields_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    with log_fields(sync_run_id="r1"):
        logging.getLogger("own").warning("%s", "text", extra={"own": 1})
    assert fields(caplog) == [{"own": 1, "sync_run_id": "r1", "stream_name": None}]


@pytest.mark.parametrize("unusable", [None, "", "42", "not a uuid"])
def test_every_run_has_an_id_of_its_own(
    monkeypatch: pytest.MonkeyPatch, unusable: str | None
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if unusable is not None:
        monkeypatch.setenv(VARIABLE, unusable)
    first, second = new_run_id(), new_run_id()
    assert first != second
    assert uuid.UUID(first).version == 4


def test_meltanos_id_is_taken_over_where_it_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "0B1C0B1C-5E4C-7000-8000-000000000001")
    assert new_run_id() == "0b1c0b1c-5e4c-7000-8000-000000000001"
