"""What stands in `deploy`: units that systemd takes, lines that cron can run."""

from __future__ import annotations

import configparser
import fcntl
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from health_tools.scheduler import crontab

from .fake_meltano import FakeMeltano

_ROOT = Path(__file__).parents[2]
_UNITS = sorted((_ROOT / "deploy" / "systemd").iterdir())
_HERE = "%h/health-taps"
_MELTANO: dict[str, Any] = yaml.safe_load((_ROOT / "meltano.yml").read_text())
_SCHEDULES = {schedule["name"] for schedule in _MELTANO["schedules"]}


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters="=", comment_prefixes="#")
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # as its documentation says
    parser.read(path)
    return parser


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    (tmp_path / "health-taps").symlink_to(_ROOT)
    checked = subprocess.run(
        ["systemd-analyze", "--user", "verify", *_UNITS],
        env={**os.environ, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("path", _UNITS, ids=lambda path: path.name)
def test_a_unit_names_what_exists(path: Path) -> None:
    read = unit(path)
    if path.suffix == ".timer":
        assert path.with_suffix(".service") in _UNITS
        return
    assert read["Service"]["WorkingDirectory"] == _HERE
    if read.has_option("Unit", "OnFailure"):
        told = read["Unit"]["OnFailure"].replace("%p", "")
        assert path.with_name(told) in _UNITS
    program, *arguments = shlex.split(read["Service"]["ExecStart"])
    if program == f"{_HERE}/.venv/bin/health-scheduler":
        assert set(arguments) <= _SCHEDULES
    elif program == f"{_HERE}/.venv/bin/meltano":
        plugin, _, command = arguments[1].partition(":")
        (found,) = [p for p in _MELTANO["plugins"]["utilities"] if p["name"] == plugin]
        assert command in found["commands"]
    else:
        assert program == "/bin/sh"


def test_a_failed_unit_is_told_by_the_command_of_the_scheduler(tmp_path: Path) -> None:
    service = unit(_ROOT / "deploy/systemd/health-taps-failed@.service")["Service"]
    line = service["ExecStart"].replace("%i", "health-taps").replace("$$", "$")
    variables = dict(pair.split("=") for pair in service["Environment"].split())
    told = subprocess.run(
        shlex.split(line),
        cwd=tmp_path,
        env={
            **os.environ,
            **{name: value.replace("%i", "health-taps") for name, value in variables.items()},
            "HEALTH_ON_FAILURE": 'echo "$HEALTH_SCHEDULE is $HEALTH_STATE"; cat',
        },
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout == (
        "health-taps is failing\nhealth-taps failed. Why: journalctl --user --unit=health-taps\n"
    )


def cron_lines() -> list[tuple[str, str]]:
    """Interval and command of each line of deploy/crontab."""
    lines = (_ROOT / "deploy" / "crontab").read_text().splitlines()
    split = [re.match(r"((?:\S+ ){4}\S+) +(cd .*)", line) for line in lines]
    return [(match[1], match[2]) for match in split if match]


def of_cron(fake: FakeMeltano, command: str) -> str:
    """Run a line as cron would, and return what it would mail."""
    (fake.folder / ".health-taps").mkdir(exist_ok=True)
    venv = fake.folder / ".venv"
    if not venv.exists():
        venv.symlink_to(fake.folder)
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env={"PATH": "/usr/bin:/bin", "PROJECT": str(fake.folder), "MELTANO_ENVIRONMENT": "home"},
        cwd="/",
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout


@pytest.mark.parametrize(("interval", "command"), cron_lines())
def test_a_line_of_cron_says_something_only_when_it_fails(
    tmp_path: Path, interval: str, command: str
) -> None:
    crontab.trigger(interval)
    fake = FakeMeltano(tmp_path)
    fake.runs("echo all is well")
    assert of_cron(fake, command) == ""
    (called,) = fake.lines("calls")
    assert called in {f"schedule run {name}" for name in _SCHEDULES} | {
        "invoke health:status --max-age 26"
    }
    fake.runs("echo no grant >&2; exit 1")
    assert of_cron(fake, command) == "no grant\n"


def test_cron_skips_what_is_still_running(tmp_path: Path) -> None:
    fake = FakeMeltano(tmp_path)
    (tmp_path / ".health-taps").mkdir()
    _, command = cron_lines()[0]
    with (tmp_path / ".health-taps" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert of_cron(fake, command) == ""
    assert not fake.lines("runs")
