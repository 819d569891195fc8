"""The tap alone, from its wheels, in somebody else's pipeline, as docs/reuse-a-tap.md says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import MELTANO, ROOT

if TYPE_CHECKING:
    from health_sandbox.server import SandboxServer

UV = str(Path(sys.executable).with_name("uv"))
#: The taps, and how many streams each has.
STREAMS = {"tap-whoop": 7, "tap-withings": 13}
MARKED = re.compile(r"<!-- test: (?P<name>[a-z-]+) -->\n```\w*\n(?P<code>.*?)```", re.DOTALL)


def interpreter(version: str) -> str | None:
    """A working Python of that version, wherever this machine keeps it."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = [shutil.which(f"python{version}")]
    if os.access(pyenv, os.R_OK | os.X_OK):
        found += map(str, pyenv.glob(f"versions/{version}.*/bin/python"))
    for path in found:
        if path and subprocess.run([path, "-V"], capture_output=True, check=False).returncode == 0:
            return path
    return None


def snippet(name: str) -> str:
    """A marked block of the page about reuse."""
    page = (ROOT / "docs/reuse-a-tap.md").read_text()
    (code,) = [match["code"] for match in MARKED.finditer(page) if match["name"] == name]
    return code


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    for package in ("health-tap-core", *STREAMS):
        subprocess.run(
            [UV, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT / package], check=True
        )
    assert len(list(folder.glob("*.whl"))) == 1 + len(STREAMS)
    return folder


@pytest.mark.parametrize("version", ["3.10", "3.13"])
def test_the_wheels_alone_give_a_working_tap(version: str, wheels: Path, tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"LOUD: no Python {version} here; the wheels were not tried on it")
    venv = tmp_path / "venv"
    pip = [UV, "pip"]
    subprocess.run([UV, "venv", "--quiet", "--python", python, venv], check=True)
    for tap, streams in STREAMS.items():
        needed = [*wheels.glob("health_tap_core-*"), *wheels.glob(f"{tap.replace('-', '_')}-*")]
        subprocess.run([*pip, "install", "--quiet", "--python", venv, *needed], check=True)
        about = subprocess.check_output([venv / "bin" / tap, "--about", "--format=json"])
        assert json.loads(about)["name"] == tap
        catalog = subprocess.check_output([venv / "bin" / tap, "--discover"])
        assert len(json.loads(catalog)["streams"]) == streams
        subprocess.run([venv / "bin" / f"{tap}-auth", "--help"], check=True, capture_output=True)
        # The next one has to do without it.
        subprocess.run([*pip, "uninstall", "--quiet", "--python", venv, tap], check=True)


@pytest.mark.soak  # pip takes a minute for what uv does in seconds
def test_the_readmes_way_with_pip_works(tmp_path: Path) -> None:
    (tmp_path / "health-taps").symlink_to(ROOT)
    done = subprocess.run(
        ["bash", "-euc", snippet("reuse-pip")],
        cwd=tmp_path,
        env={**os.environ, "PIP_NO_COMPILE": "1"},  # half of its time, for nothing
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "client_id" in done.stdout


def test_the_readmes_way_in_a_foreign_meltano_project_works(
    wheels: Path, sandbox: SandboxServer, tmp_path: Path
) -> None:
    (tmp_path / "meltano.yml").write_text(snippet("reuse-meltano"))
    (tmp_path / "dist").symlink_to(wheels)
    foreign = ("TAP_", "TARGET_", "MELTANO_")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    environment = {
        **clean,
        "MELTANO_CLI_LOG_LEVEL": "debug",
        "TAP_WHOOP_CLIENT_ID": "sandbox-client",
        "TAP_WHOOP_CLIENT_SECRET": "sandbox-secret",
        "TAP_WHOOP_REFRESH_TOKEN": str(sandbox.grant("ana")["refresh_token"]),
        "TAP_WHOOP_START_DATE": "2026-05-01",
        "TAP_WHOOP_API_URL": f"{sandbox.url}/whoop/developer",
        "TAP_WHOOP_TOKEN_URL": f"{sandbox.url}/whoop/oauth/oauth2/token",
    }
    for arguments in (["install"], ["invoke", "tap-whoop"]):
        done = subprocess.run(
            [MELTANO, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count('"RECORD"') > 80
