"""Who is told of failures, when, and what: by real commands, to a real web server."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from apscheduler.triggers.interval import IntervalTrigger
from dotenv import dotenv_values

from health_tools.scheduler.children import Children
from health_tools.scheduler.log import Log
from health_tools.scheduler.meltano import Meltano
from health_tools.scheduler.notices import REMIND_AFTER, Notices, error_in
from health_tools.scheduler.schedules import Schedule
from health_tools.scheduler.service import Service

from .fake_meltano import FakeMeltano, until

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Posts what it reads, and the state as a header, as curl would.
POST = """
import os, sys, urllib.request
text = sys.stdin.buffer.read()
state = {name: os.environ[name] for name in ("HEALTH_SCHEDULE", "HEALTH_STATE", "HEALTH_EXIT_CODE")}
urllib.request.urlopen(urllib.request.Request(sys.argv[1], text, state), timeout=10)
"""
#: A run that says what `said` holds and ends with the code in `code`.
RUN = "cat said 2>/dev/null; exit $(cat code)"
_ROOT = Path(__file__).parents[2]
_DOCS = (_ROOT / "docs" / "run-on-a-server.md").read_text()


class Webhook(HTTPServer):
    """Keeps what was posted; refuses while `status` says so."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.posts: list[tuple[tuple[str | None, ...], str]] = []
        self.refused = 0
        self.status = 200
        self.url = f"http://127.0.0.1:{self.server_port}/topic"


class _Handler(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        names = ("HEALTH_SCHEDULE", "HEALTH_STATE", "HEALTH_EXIT_CODE")
        if self.server.status == 200:
            self.server.posts.append((tuple(self.headers[name] for name in names), text))
        else:
            self.server.refused += 1
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeMeltano:
    monkeypatch.chdir(tmp_path)
    made = FakeMeltano(tmp_path)
    made.runs(RUN)
    return made


@pytest.fixture
def running(fake: FakeMeltano, webhook: Webhook, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The schedule `sync`, many times a second, and a command that posts."""
    hook = shlex.join([sys.executable, "-c", POST, webhook.url])
    monkeypatch.setenv("HEALTH_ON_FAILURE", hook)
    ends(fake, 1)
    service = Service(
        [Schedule("sync", IntervalTrigger(seconds=0.02))],
        Meltano(str(fake.program), environment="prod", in_json=False),
        Children(),
        Log(in_json=False),
    )
    service.start()
    yield
    service.stop()


def ends(fake: FakeMeltano, code: int) -> None:
    draft = fake.folder / "code.new"
    draft.write_text(str(code))
    draft.replace(fake.folder / "code")


def some_runs(fake: FakeMeltano) -> None:
    before = len(fake.lines("runs"))
    until(lambda: len(fake.lines("runs")) > before + 3)


@pytest.mark.usefixtures("running")
def test_a_failure_is_told_once_and_its_end_once(fake: FakeMeltano, webhook: Webhook) -> None:
    until(lambda: webhook.posts)
    some_runs(fake)
    ends(fake, 0)
    until(lambda: len(webhook.posts) == 2)
    some_runs(fake)
    assert [heads for heads, _ in webhook.posts] == [
        ("sync", "failing", "1"),
        ("sync", "recovered", "0"),
    ]
    look = (
        "The log has the rest. How everything is: meltano --environment=prod invoke health:status"
    )
    assert [text for _, text in webhook.posts] == [
        f"The schedule sync fails with exit code 1.\n\n{look}\n",
        f"The schedule sync succeeds again.\n\n{look}\n",
    ]


def test_what_did_not_arrive_is_told_again(
    fake: FakeMeltano, webhook: Webhook, request: pytest.FixtureRequest
) -> None:
    webhook.status = 503
    request.getfixturevalue("running")
    until(lambda: webhook.refused > 1)
    webhook.status = 200
    until(lambda: webhook.posts)
    some_runs(fake)
    assert len(webhook.posts) == 1


def test_only_what_our_own_tools_say_is_repeated(
    fake: FakeMeltano, webhook: Webhook, request: pytest.FixtureRequest
) -> None:
    lines = [
        "2026-06-01T12:00:00.1Z [info     ] health       Error: whoop, account ben: log in again",
        '{"name": "health", "event": "Error: withings, account ben: quota"}',
        "2026-06-01T12:00:00.1Z [info     ] health       Error: whoop, account ben: log in again",
        '{"name": "tap-whoop", "event": "Error: hr=55 token=SECRET"}',
        "2026-06-01T12:00:00.1Z [error    ] tap-whoop    Error: hr=55 token=SECRET",
        "2026-06-01T12:00:00.1Z [info     ] health       whoop  ben  sleeps  failed",
        '{"broken',
    ]
    (fake.folder / "said").write_text("\n".join(lines))
    request.getfixturevalue("running")
    until(lambda: webhook.posts)
    ((_, text),) = webhook.posts
    assert text.splitlines()[1:-2] == [
        "",
        "whoop, account ben: log in again",
        "",
        "withings, account ben: quota",
    ]


def test_a_failure_that_lasts_is_told_again_every_day() -> None:
    hour = 0.0
    notices = Notices(clock=lambda: hour * 3600)
    told = []
    for _ in range(60):
        state = notices.due("sync", failed=hour < 50)
        if state:
            notices.told("sync", state)
            told.append((hour, state))
        hour += 1
    assert told == [(0, "failing"), (24, "failing"), (48, "failing"), (50, "recovered")]
    assert REMIND_AFTER == 24 * 3600


def test_schedules_fail_each_on_its_own() -> None:
    notices = Notices()
    notices.told("sync", "failing")
    assert notices.due("reconcile", failed=True) == "failing"
    assert notices.due("reconcile", failed=False) is None
    assert notices.due("sync", failed=True) is None


def test_a_line_is_an_error_only_at_its_begin() -> None:
    line = "2026-06-01T12:00:00Z [info     ] {} Error: no"
    assert error_in(line.format("dbt         ")) == "no"
    assert error_in(line.format("dbt          of health")) is None


def example(mark: str) -> str:
    """A block of the page that describes all this."""
    block = re.search(rf"<!-- test: {mark} -->\n```\w+\n(.*?)```", _DOCS, re.DOTALL)
    assert block
    return block[1]


def documented() -> list[str]:
    """Each value of HEALTH_ON_FAILURE that somebody may copy."""
    lines = example("alerts") + (_ROOT / ".env.example").read_text().replace("#HEALTH", "HEALTH")
    return [
        str(dotenv_values(stream=io.StringIO(line))["HEALTH_ON_FAILURE"])
        for line in lines.splitlines()
        if line.startswith("HEALTH_ON_FAILURE=")
    ]


def call(command: str, folder: Path, **env: str) -> str:
    """Call it as the scheduler does; returns what a mail program got."""
    for name in ("mail", "sendmail"):
        program = folder / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(
            f'#!/bin/sh\nprintf "%s|" "$@" >"{folder}/mail"\ncat >>"{folder}/mail"\n'
        )
        program.chmod(0o755)
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    variables = {"HEALTH_SCHEDULE": "sync", "HEALTH_STATE": "failing", "HEALTH_EXIT_CODE": "1"}
    said: list[str] = []
    code = Children().run(
        ["/bin/sh", "-c", command],
        said=said.append,
        text="It fails.\n",
        env={**os.environ, **variables, "PATH": path, **env},
        seconds=20,
    )
    assert (code, said) == (0, [])
    mail = folder / "mail"
    return mail.read_text() if mail.exists() else ""


def test_the_documented_mails_are_sent(tmp_path: Path) -> None:
    mails = [call(command, tmp_path) for command in documented() if "mail" in command]
    assert set(mails) == {
        "-s|health-taps: sync is failing|me@example.org|It fails.\n",
        "-t|To: me@example.org\nSubject: health-taps: sync is failing\n\nIt fails.\n",
    }


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_documented_webhooks_are_called(tmp_path: Path, webhook: Webhook) -> None:
    commands = [command for command in documented() if "curl" in command]
    assert len(commands) == 2
    for command in commands:
        call(re.sub(r"https://\S+", webhook.url, command), tmp_path)
    script = tmp_path / "tell.sh"
    script.write_text(example("alerts-script"))
    script.chmod(0o755)
    call(str(script), tmp_path, SLACK_URL=webhook.url)
    texts = [text for _, text in webhook.posts]
    assert texts[:2] == ["It fails.\n"] * 2
    assert json.loads(texts[2]) == {"text": "It fails.\n"}
