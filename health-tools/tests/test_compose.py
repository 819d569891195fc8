"""docker-compose.yml: valid by the Compose specification, without secrets, on loopback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).parents[2] / "docker-compose.yml"


def _service() -> dict[str, Any]:
    service = yaml.safe_load(_FILE.read_text())["services"]["postgres"]
    assert isinstance(service, dict)
    return service


def test_it_is_valid() -> None:
    checked = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema"),
            *("--builtin-schema", "vendor.compose-spec", str(_FILE)),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout


def test_the_password_comes_from_the_environment_or_not_at_all() -> None:
    password = _service()["environment"]["POSTGRES_PASSWORD"]
    assert password.startswith("${TARGET_POSTGRES_PASSWORD:?")


def test_it_listens_on_loopback_only() -> None:
    assert [port.partition(":")[0] for port in _service()["ports"]] == ["127.0.0.1"]


def test_the_major_version_is_named_and_recent() -> None:
    image, _, tag = _service()["image"].partition(":")
    assert image == "postgres"
    assert int(tag.partition(".")[0].partition("-")[0]) >= 17


def test_the_data_outlive_the_container() -> None:
    volume, _, mount = _service()["volumes"][0].partition(":")
    assert volume in yaml.safe_load(_FILE.read_text())["volumes"]
    assert mount == "/var/lib/postgresql"
