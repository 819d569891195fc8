"""The Dockerfile, as far as it can be judged without an engine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

_ROOT = Path(__file__).parents[2]
_TEXT = (_ROOT / "Dockerfile").read_text().replace("\\\n", "")
_STAGES = re.findall(r"^FROM (\S+)", _TEXT, re.MULTILINE)
_IGNORE = [
    line for line in (_ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")
]


def test_the_linter_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    said = subprocess.run(
        [hadolint, _ROOT / "Dockerfile"], check=False, capture_output=True, text=True
    )
    assert (said.returncode, said.stdout) == (0, "")


def test_only_what_runs_is_sent_to_the_builder() -> None:
    assert _IGNORE[0] == "*"
    named = {line[1:] for line in _IGNORE if line.startswith("!")}
    forbidden = (_ROOT / ".gitignore").read_text().splitlines()
    for name in named:
        assert [*_ROOT.glob(name)], name
        assert name not in forbidden
        assert f"{name}/" not in forbidden
        assert not name.startswith(".")


def test_what_is_installed_is_sent() -> None:
    makefile = (_ROOT / "Makefile").read_text()
    packages = re.search(r"^PACKAGES := (.*)$", makefile, re.MULTILINE)
    assert packages
    needed = {*packages[1].replace("$(TAPS)", "tap-*").split(), "Makefile", "transform/tests"}
    needed |= {"constraints.txt", "pyproject.toml", "meltano.yml", "transform"}
    assert needed == {line[1:] for line in _IGNORE if line.startswith("!")}
    plugins = re.findall(r"\$MELTANO_PROJECT_ROOT/(\w[\w.-]+)", (_ROOT / "meltano.yml").read_text())
    assert plugins
    assert all(any(fnmatch(path, sent) for sent in needed) for path in plugins)


def test_both_stages_have_one_python_that_the_project_supports() -> None:
    assert len(set(_STAGES)) == 1
    version = re.fullmatch(r"python:3\.(\d+)-slim", _STAGES[0])
    assert version
    assert 10 <= int(version[1]) <= 13


def test_it_does_not_run_as_root() -> None:
    (user,) = re.findall(r"^USER (\S+)", _TEXT, re.MULTILINE)
    assert user == "1000:1000"
    assert "useradd --uid 1000 " in _TEXT
    assert _TEXT.index("\nUSER ") > _TEXT.rindex("\nCOPY ")


def test_the_command_names_schedules_that_exist() -> None:
    meltano: dict[str, Any] = yaml.safe_load((_ROOT / "meltano.yml").read_text())
    (command,) = re.findall(r"^CMD (\[.*\])", _TEXT, re.MULTILINE)
    program, *names = json.loads(command)
    assert program == "health-scheduler"
    assert set(names) <= {schedule["name"] for schedule in meltano["schedules"]}


def test_the_health_check_fails_without_a_database() -> None:
    (check,) = re.findall(r"^HEALTHCHECK .*CMD (\[.*\])$", _TEXT, re.MULTILINE)
    here = str(Path(sys.executable).parent)
    done = subprocess.run(
        json.loads(check),
        check=False,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PATH": os.pathsep.join([here, os.environ["PATH"]]),
            "TARGET_POSTGRES_HOST": "127.0.0.1",
            "TARGET_POSTGRES_PORT": "1",
            "TARGET_POSTGRES_USER": "health",
            "TARGET_POSTGRES_DATABASE": "health",
        },
        cwd=_ROOT / "deploy",  # no project is there: the taps have nothing to say
    )
    assert done.returncode == 1, done.stderr
    assert re.search(r"database +problem +no answer", done.stdout), done.stdout
