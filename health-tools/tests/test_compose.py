"""docker-compose.yml: valid by the Compose specification, without secrets, on loopback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from .fake_meltano import FakeMeltano, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ROOT = Path(__file__).parents[2]
_FILE = _ROOT / "docker-compose.yml"
_COMPOSE: dict[str, Any] = yaml.safe_load(_FILE.read_text())
_SERVICES: dict[str, dict[str, Any]] = _COMPOSE["services"]


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


def test_passwords_come_from_the_environment_or_not_at_all() -> None:
    passwords = [
        (name, value)
        for service in _SERVICES.values()
        for name, value in service["environment"].items()
        if "PASSWORD" in name and value
    ]
    assert {name for name, _ in passwords} == {
        "POSTGRES_PASSWORD",
        "TARGET_POSTGRES_PASSWORD",
        "HEALTH_READER_PASSWORD",
        "GF_SECURITY_ADMIN_PASSWORD",
    }
    for name, value in passwords:
        assert re.fullmatch(rf"\$\{{\w*{name}:\?put \w+ into \.env\}}", value), name


def test_only_grafana_gets_the_password_of_its_admin() -> None:
    assert _SERVICES["scheduler"]["env_file"] == ".env"
    assert _SERVICES["scheduler"]["environment"]["GF_SECURITY_ADMIN_PASSWORD"] == ""


def test_the_example_of_an_env_file_names_every_variable() -> None:
    example = (_ROOT / ".env.example").read_text()
    known = set(re.findall(r"^#?(\w+)=", example, re.MULTILINE))
    assert set(re.findall(r"\$\{(\w+)", _FILE.read_text())) <= known


@pytest.mark.parametrize("name", ["postgres", "grafana"])
def test_it_listens_on_loopback_only(name: str) -> None:
    assert [port.partition(":")[0] for port in _SERVICES[name]["ports"]] == ["127.0.0.1"]
    assert "ports" not in _SERVICES["scheduler"]


def test_the_versions_are_named_and_recent() -> None:
    image, _, tag = _SERVICES["postgres"]["image"].partition(":")
    assert image == "postgres"
    assert int(tag.partition(".")[0].partition("-")[0]) >= 17
    assert re.fullmatch(r"grafana/grafana:13\.\d+\.\d+", _SERVICES["grafana"]["image"])


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("postgres", "/var/lib/postgresql"),
        ("scheduler", "/app/.health-taps"),
        ("grafana", "/var/lib/grafana"),
    ],
)
def test_the_data_outlive_the_container(name: str, folder: str) -> None:
    volume, _, mount = _SERVICES[name]["volumes"][-1].partition(":")
    assert volume in _COMPOSE["volumes"]
    assert mount == folder


def test_grafana_lets_nobody_in_and_asks_nobody() -> None:
    grafana = _SERVICES["grafana"]
    off = {name for name, value in grafana["environment"].items() if value == "false"}
    assert off == {
        "GF_USERS_ALLOW_SIGN_UP",
        "GF_AUTH_ANONYMOUS_ENABLED",
        "GF_ANALYTICS_REPORTING_ENABLED",
        "GF_ANALYTICS_CHECK_FOR_UPDATES",
        "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES",
        "GF_NEWS_NEWS_FEED_ENABLED",
    }
    assert all(mount.endswith(":ro") for mount in grafana["volumes"] if mount.startswith("."))


@pytest.fixture
def fake(tmp_path: Path, command_line: Callable[..., list[str]]) -> FakeMeltano:
    """A project with programs like those on the image's path."""
    made = FakeMeltano(tmp_path)
    scheduler = made.program.with_name("health-scheduler")
    # The shell expands what Compose would: both have the same syntax for a default.
    python, option, code = command_line("health-scheduler")
    scheduler.write_text(f'#!/bin/sh\nexec \'{python}\' {option} "{code}" "$@"\n')
    scheduler.chmod(0o755)
    return made


@contextmanager
def started(fake: FakeMeltano, **env: str) -> Iterator[subprocess.Popen[str]]:
    path = f"{fake.program.parent}{os.pathsep}{os.environ['PATH']}"
    with subprocess.Popen(
        _SERVICES["scheduler"]["command"],
        cwd=fake.folder,
        env={**os.environ, "PATH": path, "MELTANO_ENVIRONMENT": "prod", **env},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("env", "first"),
    [({}, "sync"), ({"HEALTH_SCHEDULES": "reconcile sync"}, "reconcile")],
)
def test_the_schedulers_command_makes_the_reader_and_serves_until_it_is_stopped(
    fake: FakeMeltano, env: dict[str, str], first: str
) -> None:
    with started(fake, **env) as process:
        until(lambda: len(fake.lines("runs")) == 2)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 0, said
    assert fake.lines("runs") == ["health:reader", first]
    assert fake.lines("calls")[-1] == f"--environment=prod schedule run {first}"


def test_without_the_reader_it_fails_and_is_started_again(fake: FakeMeltano) -> None:
    fake.runs("exit 1")
    with started(fake) as process:
        assert process.wait(timeout=20) == 1
    assert fake.lines("runs") == ["health:reader"]
    assert {service["restart"] for service in _SERVICES.values()} == {"unless-stopped"}
