"""The table of figures, for the terminal and for docs/performance.md."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.figure import Figure

PAGE = ROOT / "docs" / "performance.md"
#: The ratios that the page claims, by name; the small form is held to its own.
CLAIMS = ROOT / "benchmarks" / "claims.json"
_BEGIN, _END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| Figure | Against | Ratio | Goal | | Made of |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {each.what} | {each.against} | {each.ratio:.2f} | {each.goal or '-'} | {each.verdict} "
        f"| {each.made_of} |"
        for each in figures
    ]
    return "\n".join(lines) + "\n"


def write(figures: Sequence[Figure], small: Sequence[Figure]) -> None:
    """Put the table into the page, and the ratios into the claims."""
    before, rest = PAGE.read_text().split(_BEGIN)
    _, after = rest.split(_END)
    PAGE.write_text(f"{before}{_BEGIN}{table(figures)}{_END}{after}")
    claims = {
        form: {each.name: round(each.ratio, 2) for each in found}
        for form, found in (("whole", figures), ("small", small))
    }
    CLAIMS.write_text(json.dumps(claims, indent=2) + "\n")


def claims(form: str) -> dict[str, float]:
    """The ratios that were measured last, `whole` or `small`."""
    told: dict[str, dict[str, float]] = json.loads(CLAIMS.read_text())
    return told[form]
