"""Guards proved by removal: with a guard taken out, the test that proves it fails."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from ..conftest import ROOT
from .guards import GROUP, GUARDS, RESULTS
from .processes import TESTS
from .reliability import cell

if TYPE_CHECKING:
    from .guards import Guard

Found = dict[str, dict[str, list[tuple[str, str]]]]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """How the tests of the taps' guards ended, with them and without."""
    folder = tmp_path_factory.mktemp("guards")
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider"),
            *("-p", "chaos.guards", f"--basetemp={folder / 'tests'}"),
            *(guard.test for guard in GUARDS),
        ],
        cwd=ROOT,
        env={**environment, RESULTS: str(folder / "results.json"), "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    results: Any = json.loads((folder / "results.json").read_text())
    return results  # type: ignore[no-any-return]


@pytest.mark.parametrize("guard", [cell(GROUP, guard.name, guard, quick=True) for guard in GUARDS])
def test_its_removal_is_noticed(found: Found, guard: Guard) -> None:
    of_guard = found[guard.name]
    assert of_guard["with"] == []
    (when, how), *others = of_guard["without"]
    assert (when, others) == ("call", [])
    assert re.search(guard.noticed, how), how
