from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from health_tap_core.answers import decode


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"cut \ud83d", "cut \ufffd"),
        (r"\udca9 cut", "\ufffd cut"),
        (r"\uD83D\ud83d\udca9", "\ufffd\U0001f4a9"),
        (r"\\ud83d", r"\ud83d"),
        (r"\\\ud83d", "\\\ufffd"),
        (r"\ud83d\\udca9", "\ufffd\\udca9"),
    ],
)
def test_half_a_character_costs_itself(escaped: str, text: str) -> None:
    content = f'{{"whole": "\\ud83d\\udca9", "broken": "{escaped}"}}'.encode()
    assert decode(content, dict[str, Any]) == {"whole": "\U0001f4a9", "broken": text}
    raw = decode(content, dict[str, msgspec.Raw])
    assert msgspec.json.decode(raw["broken"]) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_without_halves_is_what_it_was(text: str) -> None:
    assert decode(json.dumps([text]).encode(), list[str]) == [text]


@pytest.mark.parametrize("content", [b'{"a": ', b"<html>", rb'{"a": "\ud83d', b"[]"])
def test_what_is_no_such_json_stays_none(content: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode(content, dict[str, Any])
