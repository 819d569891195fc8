from __future__ import annotations

from pathlib import Path

from health_tap_core.readme import render
from tap_withings.tap import TapWithings

README = Path(__file__).resolve().parent.parent / "README.md"


def test_the_tables_are_what_the_tap_says_of_itself() -> None:
    text = README.read_text()
    assert render(text, TapWithings) == text
