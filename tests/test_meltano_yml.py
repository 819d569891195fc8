"""`meltano.yml` says what the taps say of themselves, and asks nobody but the package index."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import ROOT
from .documents import tracked_pages

MELTANO: dict[str, Any] = yaml.safe_load((ROOT / "meltano.yml").read_text())
PLUGINS = [plugin for kind in MELTANO["plugins"].values() for plugin in kind]
#: Commands as pages name them, in code, up to the first word that is no name.
COMMANDS = re.compile(
    r"(?:`|^ *|/)(make [a-z]+(?:-[a-z]+)*(?![\w-])"
    r"|meltano (?:--environment=\w+ )?(?:invoke|run)(?: [a-z-]+(?::[a-z]+)?(?![\w.=-]))+)",
    re.MULTILINE,
)


def test_it_fits_meltanos_schema() -> None:
    check = Path(sys.executable).with_name("check-jsonschema")
    subprocess.run([check, "--builtin-schema", "vendor.meltano", ROOT / "meltano.yml"], check=True)


def test_every_plugin_is_written_out_so_that_no_hub_is_asked() -> None:
    for plugin in PLUGINS:
        assert {"namespace", "pip_url", "executable"} <= plugin.keys(), plugin["name"]


@pytest.mark.parametrize("name", ["tap-whoop", "tap-withings"])
def test_the_settings_of_a_tap_are_what_it_says_of_itself(name: str) -> None:
    about = json.loads(ask(name, "--about", "--format=json"))
    described = about["settings"]["properties"]
    (plugin,) = [plugin for plugin in PLUGINS if plugin["name"] == name]
    sdks = re.compile(r"stream_map|faker|flattening|batch")
    assert [setting["name"] for setting in plugin["settings"]] == [
        setting for setting in described if not sdks.match(setting)
    ]
    for setting in plugin["settings"]:
        known = described[setting["name"]]
        assert setting["label"] == known["title"]
        assert setting.get("sensitive", False) == known.get("secret", False)
        if setting["name"] not in {"token_store", "on_error"}:  # the project's own choices
            assert setting.get("value") == known.get("default"), setting["name"]
    assert set(plugin["capabilities"]) <= set(about["capabilities"])


def test_what_is_selected_of_withings_is_what_the_tap_selects_by_itself() -> None:
    # Meltano would select everything.
    (plugin,) = [plugin for plugin in PLUGINS if plugin["name"] == "tap-withings"]
    streams = json.loads(ask("tap-withings", "--discover"))["streams"]
    chosen = {
        stream["tap_stream_id"]
        for stream in streams
        for item in stream["metadata"]
        if not item["breadcrumb"] and item["metadata"].get("selected-by-default", True)
    }
    assert plugin["select"] == [f"{stream}.*" for stream in sorted(chosen)]


def ask(tap: str, *arguments: str) -> bytes:
    return subprocess.check_output([Path(sys.executable).with_name(tap), *arguments])


def test_no_secret_is_written_down() -> None:
    for plugin in PLUGINS:
        for setting in plugin.get("settings", ()):
            assert not (setting.get("sensitive") and "value" in setting), setting["name"]


def test_schedules_need_not_wait_and_the_nightly_ones_read_a_month_again() -> None:
    jobs = {job["name"] for job in MELTANO["jobs"]}
    for schedule in MELTANO["schedules"]:
        assert schedule["job"] in jobs
        assert schedule["env"]["MELTANO_RUN_FORCE"] == "true"
        days = {value for name, value in schedule["env"].items() if name.endswith("RECONCILE_DAYS")}
        assert days == ({"30"} if schedule["name"].startswith("reconcile") else set())


def test_every_command_that_a_page_names_exists() -> None:
    commands = {f"{p['name']}:{name}" for p in PLUGINS for name in p.get("commands", ())}
    plugins = {plugin["name"] for plugin in PLUGINS}
    jobs = {job["name"] for job in MELTANO["jobs"]}
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    found = set()
    for page in tracked_pages():
        for typed in COMMANDS.findall((ROOT / page).read_text()):
            program, *words = (word for word in typed.split() if not word.startswith("--"))
            verb, *names = words if program == "meltano" else ("make", *words)
            known = {
                "make": targets,
                "invoke": commands | plugins,
                "run": commands | plugins | jobs,
            }
            if verb == "invoke":
                del names[1:]  # what follows is the command's own
            # A page has a vendor of its own.
            assert {name for name in names if "lull" not in name} <= known[verb], (page, typed)
            found.update(names)
    assert {"health:status", "dbt:build", "postgres:psql", "sync", "demo"} <= found
