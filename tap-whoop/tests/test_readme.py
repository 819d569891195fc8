from __future__ import annotations

import runpy
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def test_the_tables_are_what_the_tap_says_of_itself() -> None:
    render = runpy.run_path(str(PACKAGE / "scripts" / "update_readme.py"))["render"]
    text = (PACKAGE / "README.md").read_text()
    assert render(text) == text
