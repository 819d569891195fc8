"""A leak planted in each kind of evidence is found; what is exempt is not, unless it is open."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evidence.folder import Evidence
from evidence.judge import EXEMPT, Found, search

TOKEN = "sandbox-refresh-0123456789abcdef0123456789abcdef"


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    made = Evidence(tmp_path / "evidence")
    made.begin()
    return made


def leaks(evidence: Evidence) -> list[str]:
    return [
        one.file for one in search(evidence) if not any(exempt.covers(one) for exempt in EXEMPT)
    ]


def test_a_leak_is_found_in_each_kind_of_evidence_but_the_list_itself(evidence: Evidence) -> None:
    kinds = sorted(path.name for path in evidence.root.iterdir() if path.is_dir())
    assert len(kinds) == 7
    for kind in kinds:
        (evidence.root / kind / "planted").write_text(f"token {TOKEN}")
    (evidence.root / "outputs" / "link").symlink_to(evidence.secrets / "planted")
    assert sorted(leaks(evidence)) == [f"{kind}/planted" for kind in kinds if kind != "secrets"]


def test_a_store_that_others_can_read_is_a_leak(evidence: Evidence) -> None:
    store = evidence.temporary / "a-test" / "grants" / "default.json"
    store.parent.mkdir(parents=True)
    store.write_text(TOKEN)
    store.chmod(0o600)
    assert leaks(evidence) == []
    store.chmod(0o640)
    assert leaks(evidence) == ["tmp/a-test/grants/default.json"]


def test_a_copy_of_a_file_of_the_repository_is_no_leak_until_it_changes(evidence: Evidence) -> None:
    copy = evidence.temporary / "a-test" / "test_judge.py"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(Path(__file__).read_bytes())
    assert leaks(evidence) == []
    copy.write_bytes(Path(__file__).read_bytes() + b"\n")
    assert leaks(evidence) == ["tmp/a-test/test_judge.py"]


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("tmp/a/grants/default.json", "standard client secret"),
        ("tmp/a/grants/default.json", "code"),
        ("tmp/a/grants/default.json.tmp", "refresh"),
        ("tmp/a/config.json", "access"),
        ("tmp/a/.meltano/run/tap-whoop/tap.1.config.json", "refresh"),
        ("tmp/a/meltano.yml", "refresh"),
        ("outputs/grants/1.json", "refresh"),
    ],
)
def test_what_is_near_an_exemption_is_not_exempt(file: str, kind: str) -> None:
    assert not any(exempt.covers(Found(file, kind, private=True)) for exempt in EXEMPT)


def test_a_folder_that_no_test_run_made_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(FileExistsError, match=re.escape(str(tmp_path))):
        Evidence(tmp_path).begin()
    assert (tmp_path / "mine").exists()
