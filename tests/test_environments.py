"""Simulated and real rows can never meet, `prod` needs nothing embedded, and errors say the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from .conftest import Project, make_project

if TYPE_CHECKING:
    from health_sandbox.server import SandboxServer


@pytest.fixture(scope="module")
def prod(
    project: Project, sandbox: SandboxServer, tmp_path_factory: pytest.TempPathFactory
) -> Project:
    """Another project, whose own PostgreSQL is a database in the first one's."""
    with project.connection() as connection:
        info = connection.info
        with psycopg.connect(
            host=info.host,
            port=info.port,
            user=info.user,
            password=info.password,
            dbname="postgres",
        ) as admin:
            admin.autocommit = True
            admin.execute("create database mine")
        made = make_project(tmp_path_factory.mktemp("prod"), sandbox)
        made.env |= {
            "TARGET_POSTGRES_HOST": "127.0.0.1",
            "TARGET_POSTGRES_PORT": str(info.port),
            "TARGET_POSTGRES_USER": info.user,
            "TARGET_POSTGRES_PASSWORD": info.password,
            "TARGET_POSTGRES_DATABASE": "mine",
            "TAP_WHOOP_CLIENT_ID": "sandbox-client",
            "TAP_WHOOP_CLIENT_SECRET": "sandbox-secret",
            "TAP_WHOOP_REFRESH_TOKEN": str(sandbox.grant("ana")["refresh_token"]),
            "TAP_WHOOP_API_URL": f"{sandbox.url}/whoop/developer",
            "TAP_WHOOP_TOKEN_URL": f"{sandbox.url}/whoop/oauth/oauth2/token",
        }
    return made


def rows_of(prod: Project, table: str) -> int:
    """How many rows a table of its own database has."""
    with psycopg.connect(
        host="127.0.0.1",
        port=int(prod.env["TARGET_POSTGRES_PORT"]),
        user=prod.env["TARGET_POSTGRES_USER"],
        password=prod.env["TARGET_POSTGRES_PASSWORD"],
        dbname="mine",
    ) as connection:
        found = connection.execute(f"select count(*) from {table}".encode()).fetchone()
    assert found
    return int(found[0])


def test_prod_syncs_into_your_own_database(prod: Project) -> None:
    run = prod.meltano(
        *("run", "postgres:start", "tap-whoop", "target-postgres"), environment="prod"
    )
    assert run.code == 0, run.text
    assert "nothing to start" in run.text
    assert not (prod.root / ".health-taps" / "postgres").exists()
    assert rows_of(prod, "whoop_raw.sleeps") > 80
    models = prod.meltano("invoke", "dbt", "debug", environment="prod")
    assert models.code == 0, models.text
    assert "All checks passed!" in models.text


@pytest.mark.soak
def test_prod_runs_the_same_job_on_your_own_database(prod: Project) -> None:
    job = prod.meltano("run", "whoop", environment="prod")
    assert job.code == 0, job.text
    assert "nothing to start" in job.text
    assert not (prod.root / ".health-taps" / "postgres").exists()
    assert rows_of(prod, "canonical.sleep_sessions") > 80


def test_prod_says_which_settings_are_wrong_when_the_database_does_not_answer(
    prod: Project,
) -> None:
    run = prod.meltano(
        *("run", "tap-whoop", "target-postgres"),
        environment="prod",
        TARGET_POSTGRES_PORT="1",
    )
    assert run.code != 0
    assert "127.0.0.1:1" in run.text
    assert "TARGET_POSTGRES_HOST" in run.text
    assert "Traceback" not in run.by("target-postgres")
    assert prod.env["TARGET_POSTGRES_PASSWORD"] not in run.text


def test_demo_cannot_be_led_to_a_real_database_or_to_real_vendors(project: Project) -> None:
    stray = {
        "TARGET_POSTGRES_SQLALCHEMY_URL": "postgresql+psycopg://nobody@127.0.0.1:1/real",
        "TARGET_POSTGRES_HOST": "127.0.0.1",
        "TARGET_POSTGRES_PORT": "1",
        "TAP_WHOOP_API_URL": "http://127.0.0.1:1/real",
        "TAP_WHOOP_TOKEN_URL": "http://127.0.0.1:1/real",
        "TAP_WHOOP_CLIENT_ID": "my-real-client",
        "TAP_WHOOP_CLIENT_SECRET": "my-real-secret",
        "TAP_WHOOP_REFRESH_TOKEN": "my-real-grant",
    }
    dotenv = project.root / ".env"
    dotenv.write_text("".join(f"{name}={value}\n" for name, value in stray.items()))
    try:
        project.sync()
        project.sync(**stray)
    finally:
        dotenv.unlink()
    ((rows,),) = project.query("select count(*) from whoop_raw.cycles")
    assert rows > 80


def test_a_bare_sync_without_the_database_says_what_to_type(project: Project) -> None:
    assert project.meltano("invoke", "postgres:stop").code == 0
    run = project.meltano("run", "tap-whoop", "target-postgres")
    assert run.code != 0
    assert "The database does not answer" in run.text
    assert "meltano invoke postgres:start" in run.text
    assert "Traceback" not in run.by("target-postgres")
    check = project.meltano("invoke", "health:check")
    assert check.code != 0
    assert "meltano invoke postgres:start" in check.text
    assert project.meltano("invoke", "postgres:start").code == 0
    project.sync()


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"TAP_WHOOP_LOOKBACK_DAYS": "1"}, "1 is less than the minimum of 4"),
        pytest.param({"TAP_WHOOP_START_DATE": "not-a-date"}, "not-a-date", marks=pytest.mark.soak),
        pytest.param(
            {"TAP_WHOOP_ACCOUNTS": '["a", "a"]'},
            "accounts names the same account twice",
            marks=pytest.mark.soak,
        ),
    ],
)
def test_bad_settings_stop_a_run_before_it_starts(
    project: Project, env: dict[str, str], message: str
) -> None:
    run = project.meltano("run", "tap-whoop", "target-postgres", **env)
    assert run.code != 0
    assert message in run.text


def test_secrets_of_meltano_lie_in_private_folders(project: Project) -> None:
    assert not list(project.root.glob(".meltano/run/*/*.config.json"))
    grants = project.root / ".health-taps" / "grants"
    assert (grants / "demo" / "tap-whoop").stat().st_mode & 0o077 == 0


def test_without_an_environment_the_grant_is_the_one_of_home(project: Project) -> None:
    # `meltano config` runs without the default environment: it must not spend the seed elsewhere.
    done = project.meltano("config", "print", "tap-whoop", environment=None)
    assert f"{project.root}/.health-taps/grants/home/tap-whoop" in done.text
