"""``meltano invoke tap-whoop:login``: options, terminal and settings reach the command."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
import requests

from .conftest import MELTANO, Project, make_project

if TYPE_CHECKING:
    from pathlib import Path

    from health_sandbox.server import SandboxServer


@pytest.fixture
def alone(tmp_path: Path, sandbox: SandboxServer) -> Project:
    """A project without a database: a login needs none."""
    made = make_project(tmp_path, sandbox)
    made.env["TAP_WHOOP_ACCOUNTS"] = '["ana", "ben"]'
    return made


def test_login_and_status(alone: Project) -> None:
    foreign = ("TAP_", "MELTANO_", "HEALTH_")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    login = ["invoke", "tap-whoop:login", "--account", "ben", "--no-browser"]
    with subprocess.Popen(
        [MELTANO, "--environment=demo", *login],
        cwd=alone.root,
        env={**clean, **alone.env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        said = ""
        while not (found := re.search(r"^http\S+oauth2/auth\?\S+", said, re.MULTILINE)):
            line = process.stdout.readline()
            assert line, said
            said += line
        form = {"member": "ben", "decision": "allow"}
        answer = requests.post(found[0], data=form, allow_redirects=False, timeout=10)
        said, _ = process.communicate(f"{answer.headers['location']}\n", timeout=60)
    assert process.returncode == 0, said
    assert "Account 'ben' of WHOOP is connected" in said
    status = alone.meltano("invoke", "tap-whoop:status", "--json")
    assert status.code == 1
    found_json = status.text[status.text.index("{\n") :]
    ana, ben = json.loads(found_json)["accounts"]
    assert (ana["state"], ben["state"]) == ("none", "ok")
    assert ana["note"] == "Log in: meltano --environment=demo invoke tap-whoop:login --account ana"
    assert ben["stored_at"] == f"{alone.root}/.health-taps/grants/demo/tap-whoop/ben.json"
