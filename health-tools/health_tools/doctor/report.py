"""What `health doctor` says: a table and what to do for people, JSON for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from health_tools.health.display import as_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from health_tools.doctor.finding import Finding

_HEADINGS = ("check", "state", "found")


def is_well(findings: Sequence[Finding]) -> bool:
    """Whether nothing has to be done at once."""
    return all(finding.state != "problem" for finding in findings)


def as_text(findings: Sequence[Finding]) -> str:
    """One row per finding, and under them what to do."""
    table = as_table(_HEADINGS, [(each.check, each.state, each.found) for each in findings])
    to_do = [
        f"{', '.join(checks)}: {found}\n  {remedy}"
        for (found, remedy), checks in _by_remedy(findings).items()
    ]
    return "\n\n".join([table, "\n".join(["What to do:", *to_do]) if to_do else "All is well."])


def _by_remedy(findings: Sequence[Finding]) -> dict[tuple[str, str], list[str]]:
    """The checks that found the same, so that nobody reads it twice."""
    found: dict[tuple[str, str], list[str]] = {}
    for each in findings:
        if each.remedy:
            found.setdefault((each.found, each.remedy), []).append(each.check)
    return found


def as_json(findings: Sequence[Finding]) -> str:
    """`ok`, and `findings`: check, state, what was found, what to do."""
    known = {"ok": is_well(findings), "findings": [asdict(each) for each in findings]}
    return json.dumps(known, indent=2)
