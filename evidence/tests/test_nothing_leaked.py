"""No secret of any sandbox in the last `make test` was written down where it may not be."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence.folder import Evidence
from evidence.judge import EXEMPT, Exempt, Found, all_files, search
from evidence.scan import is_recognised

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    gathered = Evidence(ROOT / ".evidence")
    if not gathered.reports.is_dir():
        pytest.fail("there is no evidence; `make test` gathers it")
    return gathered


@pytest.fixture(scope="module")
def found(evidence: Evidence) -> list[Found]:
    return search(evidence)


def test_no_secret_is_anywhere_but_where_it_has_to_be(found: list[Found]) -> None:
    leaks = [one for one in found if not any(exempt.covers(one) for exempt in EXEMPT)]
    assert not leaks, "\n".join(f"{one.kind} in {one.file}" for one in leaks)


@pytest.mark.parametrize("exempt", EXEMPT, ids=lambda exempt: str(exempt.pattern))
def test_no_exemption_outlives_its_reason(found: list[Found], exempt: Exempt) -> None:
    assert any(exempt.covers(one) for one in found)


def test_whatever_was_issued_would_be_recognised(evidence: Evidence) -> None:
    issued = {
        secret for notes in evidence.secrets.iterdir() for secret in notes.read_bytes().split()
    }
    assert len(issued) > 500
    assert {secret.split(b"-")[1] for secret in issued if not is_recognised(secret)} == set()


# Something harmless that each kind of evidence has to show: what was not gathered has no secret.
@pytest.mark.parametrize(
    ("pattern", "sign"),
    [
        ("reports/*", b"DEBUG    urllib3.connectionpool"),
        ("outputs/*", b"[debug    ] meltano "),
        ("outputs/*", b"[debug    ] tap-whoop "),
        ("outputs/*", b"target-postgres Processed record: "),  # said at DEBUG only
        ("outputs/*", b'"capabilities"'),  # of --about
        ("outputs/*", b"METRIC"),
        ("messages/*", b'"type":"STATE"'),
        ("exceptions/*", b"Traceback "),
        ("state/meltano/log/**/elt.log", b"[debug    ] tap-whoop "),
        ("command-lines/*", b"/bin/tap-whoop --config "),
        ("command-lines/*", b"/bin/health-target-postgres --config "),
        ("command-lines/*", b"/bin/meltano --environment="),
        ("command-lines/*", b"/bin/health-dbt "),
        ("command-lines/*", b"/bin/postgres -D "),
        ("command-lines/*", b"postgres: health health_demo "),
        ("tmp/**/.health-taps/meltano.db", b"replication_key_value"),
        ("tmp/**/.health-taps/dbt/*/logs/dbt.log", b"[debug]"),
        ("tmp/**/.health-taps/postgres/**/pg_wal/*", b"whoop_raw"),
        ("tmp/**/pg_wal/*", b"oauth_grants"),
        ("tmp/**/.meltano/run/tap-whoop/*", b'"streams"'),
        ("tmp/**/tables/health_demo/whoop_raw.cycles", b"SCORED"),
        ("tmp/**/tables/mine/whoop_raw.sync_windows", b"complete"),
    ],
)
def test_everything_was_looked_at(evidence: Evidence, pattern: str, sign: bytes) -> None:
    paths = (path for path in evidence.root.glob(pattern) if path.is_file())
    assert any(sign in path.read_bytes() for path in paths)


def test_there_is_enough_of_it(evidence: Evidence) -> None:
    sizes = [path.stat().st_size for path in all_files(evidence)]
    assert len(sizes) > 5000
    assert sum(sizes) > 2 * 10**8
