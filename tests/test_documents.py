"""The pages by task: somebody without an account follows them, one after the other."""

from __future__ import annotations

import os
import re
import socket
from typing import TYPE_CHECKING

import pytest

from health_sandbox.server import SandboxServer
from health_tools.postgres.binaries import wheel_programs

from .conftest import NOW, ROOT, make_project
from .documents import TYPED, Reader, blocks, broken_links, in_sentences, tracked_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Project

#: In this order, and who logs in on each.
FIRST = {
    "docs/connect-whoop.md": ["ana"],
    "docs/connect-withings.md": ["ana"],
    "docs/history.md": [],
    "docs/logs.md": [],
    "docs/troubleshooting.md": [],
}
#: After these, and with a build of the models on most.
LATER = {
    "docs/read-the-tables.md": [],
    "docs/exports.md": [],
    "docs/grants.md": ["ana"],
    "README.md": [],
    "docs/backfill.md": [],
    "docs/choose-sources.md": [],
    "transform/README.md": [],
    "docs/backup.md": [],
    "docs/family.md": ["ana", "ben", "ben"],
    "docs/your-own-postgres.md": [],
}
PAGES = {**FIRST, **LATER}
#: A test of its own writes, changes and types all that stands there: tests/recipe.py.
FOLLOWED = {"docs/add-a-vendor.md", "docs/add-a-stream.md"}
#: What the pages that the README links to lead on to.
UNLINKED = ["README.md", "dashboards/tests/schemas/README.md", "transform/DECISIONS.md"]
#: Commands that stand in no block, but in a sentence or a table. Typed before the last page.
IN_SENTENCES = [
    "meltano config test tap-whoop",
    "meltano invoke tap-whoop --test",
    "meltano run withings",
    "HEALTH_CONFIRM_DELETIONS=whoop.sleeps meltano run dbt:build",
    "meltano invoke health:check",
    "meltano invoke postgres:status",
    "meltano invoke postgres:url",
    "meltano invoke postgres:url --password",
    "meltano invoke postgres:psql",
    "meltano invoke dbt docs generate",
    "meltano --environment=home invoke postgres:stop",
    "meltano invoke postgres:start --new-port",
]
#: Which of them nobody types, and why.
NOT_TYPED = {
    "meltano config": "a command's name",
    "meltano config test": "a command's name",
    "meltano schedule run": "a command's name",
    "meltano select": "a command's name",
    "meltano invoke health:status --max-age 26": "the sandbox's today is long ago",
    "meltano invoke health:status --max-age 26 && curl --silent https://hc-ping.com/your-id": "so",
    "meltano invoke tap-whoop:import --from tokens.json": "a foreign file: see test_auth_commands",
    "meltano invoke tap-whoop:logout": "docs/family.md does, with an account: others are needed",
    "meltano invoke tap-whoop:rekey": "wants a key first: see test_auth_commands",
    "meltano invoke tap-whoop:login --no-browser": "waits for a paste: see test_login_by_meltano",
}
#: Blocks in these languages are typed, or run by a test that they name, or say why not.
COMMANDS = {"sh", "shell", "bash", "console", "sql"}


@pytest.mark.parametrize("page", tracked_pages())
def test_every_block_is_tried_or_says_why_not(page: str) -> None:
    folders = (ROOT / "tests", *ROOT.glob("*/tests"))
    tests = "".join(path.read_text() for each in folders for path in each.glob("test_*.py"))
    for block in blocks(ROOT / page):
        if block.language not in COMMANDS or (page in PAGES and block.language in TYPED):
            continue
        if page in FOLLOWED and not block.note:
            continue
        kind, _, text = block.note.partition(": ")
        assert kind in {"test", "not run"}, f"nobody tries this:\n{block.code}"
        assert text
        assert kind == "not run" or f'"{text}"' in tests, f"no test is of {text}"


def test_every_command_in_a_sentence_is_typed_or_says_why_not() -> None:
    pages = [ROOT / page for page in tracked_pages()]
    found = set().union(*map(in_sentences, pages))
    in_blocks = "\n".join(block.code for page in pages for block in blocks(page))
    lines = {re.sub(r" +#.*", "", line).strip() for line in in_blocks.splitlines()}
    alone = found - lines
    assert alone == {*IN_SENTENCES, *NOT_TYPED}


def test_the_readme_leads_to_every_page() -> None:
    linked = (ROOT / "README.md").read_text()
    assert [page for page in tracked_pages() if f"({page})" not in linked] == UNLINKED


@pytest.mark.parametrize("page", tracked_pages())
def test_every_link_leads_somewhere(page: str) -> None:
    assert broken_links(ROOT / page) == []


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    """The vendors, whose time goes on while somebody types."""
    with SandboxServer(clock=NOW, years=0.25, requests_per_minute=10_000) as server:
        yield server


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxServer) -> Iterator[Project]:
    made = make_project(tmp_path_factory.mktemp("project"), sandbox)
    for name in (".env.example", ".venv"):
        (made.root / name).symlink_to(ROOT / name)
    made.env |= {
        "MELTANO_ENVIRONMENT": "demo",
        "TAP_WHOOP_START_DATE": "2026-05-15",
        "TAP_WITHINGS_START_DATE": "2026-05-15",
        "TAP_WHOOP_REDIRECT_URI": f"http://localhost:{free_port()}/callback",
        "TAP_WITHINGS_REDIRECT_URI": f"http://localhost:{free_port()}/callback",
    }
    yield made
    made.meltano("invoke", "postgres:stop")


@pytest.fixture(scope="module")
def seen(project: Project, sandbox: SandboxServer) -> dict[str, str]:
    """What the first pages led to."""
    reader = Reader(project, real(sandbox))
    return {page: reader.follow(page, members) for page, members in FIRST.items()}


@pytest.fixture(scope="module")
def seen_later(project: Project, sandbox: SandboxServer, seen: dict[str, str]) -> dict[str, str]:
    """What the others led to, for who has followed the first ones."""
    assert seen
    reader = Reader(project, real(sandbox))
    *others, last = LATER
    later = {page: reader.follow(page, LATER[page]) for page in others}
    later |= {command: reader.type(command) for command in IN_SENTENCES}
    return {**later, last: own_postgres(project, sandbox).follow(last)}


def real(sandbox: SandboxServer) -> dict[str, str]:
    """What stands for the real environment and for the README's sandbox."""
    return {
        "home:": "demo:",
        "grants/home": "grants/demo",
        "--environment=home": "--environment=demo",
        "http://127.0.0.1:8765": sandbox.url,
    }


def own_postgres(project: Project, sandbox: SandboxServer) -> Reader:
    """A reader who has a PostgreSQL: a database in the embedded one's server."""
    with project.connection(dbname="postgres") as admin:
        admin.autocommit = True
        admin.execute("create database health")
        port, password = admin.info.port, admin.info.password
    vendor = {
        "CLIENT_ID": "sandbox-client",
        "CLIENT_SECRET": "sandbox-secret",
        "API_URL": f"{sandbox.url}/whoop/developer",
        "TOKEN_URL": f"{sandbox.url}/whoop/oauth/oauth2/token",
    }
    return Reader(
        project,
        {**real(sandbox), "5432": str(port), "the password": password},
        {
            "PGPASSWORD": password,
            "PATH": os.pathsep.join(
                [str(ROOT / ".venv" / "bin"), str(wheel_programs()), os.environ["PATH"]]
            ),
            **{f"TAP_WHOOP_{name}": value for name, value in vendor.items()},
        },
    )


def test_whoever_connects_sees_nights_and_pictures(seen: dict[str, str], project: Project) -> None:
    assert "Account 'default' of WHOOP is connected" in seen["docs/connect-whoop.md"]
    assert "All is well." in seen["docs/connect-whoop.md"]
    assert "Account 'default' of Withings is connected" in seen["docs/connect-withings.md"]
    assert (project.root / ".health-taps/report/demo/default.html").exists()
    assert "grants" in seen["docs/troubleshooting.md"]
    assert (project.root / ".env").stat().st_mode & 0o077 == 0


@pytest.mark.soak
def test_a_range_that_is_read_again_is_one_window(seen_later: dict[str, str]) -> None:
    assert (
        "cycles of account 'default', backfill up to 2026-05-25T00:00:00Z: complete"
        in seen_later["docs/backfill.md"]
    )


@pytest.mark.soak
def test_a_preference_moves_the_nights(seen_later: dict[str, str]) -> None:
    before, _, after = seen_later["docs/choose-sources.md"].partition("INSERT 0 1")
    assert "preference_reason" in before
    assert "DELETE 1" in after


@pytest.mark.soak
def test_what_was_backed_up_is_there_again(seen_later: dict[str, str]) -> None:
    assert "All is well." in seen_later["docs/backup.md"]


@pytest.mark.soak
def test_a_family_has_a_row_for_each_person_and_date(seen_later: dict[str, str]) -> None:
    assert "Account 'ben' of Withings is connected" in seen_later["docs/family.md"]
    for person in ("ana", "ben"):
        assert f" {person} " in seen_later["docs/family.md"]


@pytest.mark.soak
def test_the_same_data_go_on_in_a_database_of_ones_own(
    seen_later: dict[str, str], project: Project
) -> None:
    assert "All is well." in seen_later["docs/your-own-postgres.md"]
    with project.connection(dbname="health") as session:
        ((people, nights),) = session.execute(
            "select count(distinct user_id), count(*) > 20 from marts.daily_facts "
            "where asleep_s is not null"
        ).fetchall()
    assert people == 3
    assert nights


@pytest.mark.soak
def test_what_stands_in_sentences_works_as_well(seen_later: dict[str, str]) -> None:
    assert "postgresql://" in seen_later["meltano invoke postgres:url"]
