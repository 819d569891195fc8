"""Real stores for the tests: folders, and one PostgreSQL for all tests of a process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.fernet import Fernet

from health_sandbox.server import SandboxServer
from health_tap_core.oauth.authenticator import Authenticator
from health_tap_core.oauth.codec import KEY_VARIABLE
from health_tap_core.oauth.grant import Grant
from health_tap_core.oauth.provider import Provider
from health_tap_core.oauth.stores import open_store
from health_tap_core.oauth.token_endpoint import OAuthClient, TokenEndpoint
from health_tools.postgres import EmbeddedPostgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from health_tap_core.oauth.stores.base import TokenStore

    Child = Callable[..., subprocess.Popen[str]]

NOW = "2026-06-01T12:00:00Z"
_MEMORY = Path("/dev/shm")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("PG", "HEALTH_", "MELTANO_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def _server() -> Iterator[EmbeddedPostgres]:
    folder = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(
        prefix="grants-", dir=folder, ignore_cleanup_errors=True
    ) as home:
        server = EmbeddedPostgres(Path(home, "home"))
        try:
            server.start()
            yield server
        finally:
            server.stop()


@dataclass
class Database:
    """A database without any grant, and a way into it that is not the store's."""

    server: EmbeddedPostgres
    address: str = "postgresql:///?service=demo"

    def execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement as the owner of everything."""
        with self.server.connection("demo").connect() as session:
            cursor = session.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def database(_server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> Database:
    if not _server.is_running():  # after a test that stopped it and failed
        _server.start()
    monkeypatch.setenv("PGSERVICEFILE", _server.client_environment("demo")["PGSERVICEFILE"])
    found = Database(_server)
    found.execute("drop schema if exists meta cascade")
    return found


@dataclass
class Place:
    """Where a store keeps the grants of the vendor 'Vendor', seen from outside of the store."""

    address: str
    database: Database | None = field(default=None, repr=False)

    def store(self, provider: str = "Vendor") -> TokenStore:
        """The store, as a tap opens it."""
        return open_store(self.address, provider)

    def document(self, account: str = "ana") -> bytes | None:
        """What is stored, byte by byte."""
        if not self.database:
            path = Path(self.address, f"{account}.json")
            return path.read_bytes() if path.exists() else None
        if self.database.execute("select to_regclass('meta.oauth_grants')") == [(None,)]:
            return None
        query = "select document from meta.oauth_grants where account = %s and document <> ''"
        rows = self.database.execute(query, account)
        return str(rows[0][0]).encode() if rows else None

    def put(self, document: bytes, account: str = "ana") -> None:
        """Store something, past the store."""
        if not self.database:
            path = Path(self.address, f"{account}.json")
            path.touch(mode=0o600)
            path.write_bytes(document)
            return
        self.database.execute(
            "insert into meta.oauth_grants values ('Vendor', %s, 1, %s)"
            " on conflict (provider, account) do update set document = excluded.document",
            account,
            document.decode(),
        )


@pytest.fixture
def folder(tmp_path: Path) -> Place:
    return Place(str(tmp_path / "deep" / "grants"))


@pytest.fixture
def table(database: Database) -> Place:
    return Place(database.address, database)


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """A key in the environment: grants are encrypted."""
    new = Fernet.generate_key().decode()
    monkeypatch.setenv(KEY_VARIABLE, new)
    return new


@pytest.fixture(params=["folder", "table"])
def place(request: pytest.FixtureRequest) -> Place:
    """Each kind of store, without a key."""
    found: Place = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["folder", "folder with a key", "table", "table with a key"])
def any_place(request: pytest.FixtureRequest) -> Place:
    """Each kind of store, with and without a key."""
    kind, with_key, _ = str(request.param).partition(" with a key")
    if with_key:
        request.getfixturevalue("key")
    found: Place = request.getfixturevalue(kind)
    return found


class Rig:
    """Authenticators that share a store and a clock, as the runs of a tap do."""

    token_url = "https://vendor.test/token"
    client_id, client_secret = "id", "s3cret"

    def __init__(self, place: Place) -> None:
        self.now = 1_000_000.0
        self.place = place
        self.provider = Provider(
            name="Vendor",
            authorize_url="https://vendor.test/authorize",
            token_url=self.token_url,
            scopes=("read", "offline"),
            offline_scope="offline",
        )

    @property
    def store(self) -> TokenStore:
        """The store, opened anew."""
        return self.place.store(self.provider.name)

    def save(self, **tokens: Any) -> Grant:
        """Store a grant, whatever is stored."""
        with self.store.lock("ana") as held:
            current = held.load()
            return held.save(Grant(version=current.version if current else 0, **tokens))

    def load(self) -> Grant:
        """The stored grant, which must exist."""
        grant = self.store.load("ana")
        assert grant
        return grant

    def authenticator(
        self,
        seed: str | None = "seed-1",
        *,
        client_id: str | None = None,
        store: TokenStore | None = None,
    ) -> Authenticator:
        """The authenticator of a new run."""
        client_id = client_id or self.client_id
        client = OAuthClient(client_id, self.client_secret, "test")
        return Authenticator(
            self.provider,
            store or self.store,
            TokenEndpoint(self.provider, client, self.token_url),
            client_id=client_id,
            login_command="tap-vendor-auth login --account {}".format,
            seed=seed,
            machine_clock=lambda: self.now,
        )


@pytest.fixture
def sandbox_rig(plain_rig: Rig, sandbox: SandboxServer) -> Rig:
    """Runs on each kind of store, at a vendor over real HTTP; a grant is stored, unused yet."""
    granted = sandbox.grant("ana")
    plain_rig.token_url = f"{sandbox.url}/whoop/oauth/oauth2/token"
    plain_rig.client_id = granted["client_id"]
    plain_rig.client_secret = granted["client_secret"]
    plain_rig.save(refresh_token=granted["refresh_token"])
    return plain_rig


@pytest.fixture
def rig(folder: Place) -> Rig:
    """Runs on a folder."""
    return Rig(folder)


@pytest.fixture
def table_rig(table: Place) -> Rig:
    """Runs on a table."""
    return Rig(table)


@pytest.fixture
def plain_rig(place: Place) -> Rig:
    """Runs on each kind of store; a test that wants a key brings it."""
    return Rig(place)


@pytest.fixture
def any_rig(any_place: Place) -> Rig:
    """Runs on each kind of store."""
    return Rig(any_place)


@pytest.fixture(scope="session")
def _sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(clock=NOW, frozen=True, years=0.01) as server:
        yield server


@pytest.fixture
def sandbox(_sandbox: SandboxServer) -> Iterator[SandboxServer]:
    """A vendor over real HTTP."""
    _sandbox.clear_requests()
    yield _sandbox
    _sandbox.clear_faults()


@contextmanager
def _ended(children: list[subprocess.Popen[str]]) -> Iterator[None]:
    try:
        yield
    finally:
        for child in children:
            child.kill()
            child.communicate()


@pytest.fixture
def child() -> Iterator[Child]:
    """Starts `grant_process.py` with arguments, as a process of its own; it ends with the test."""
    children: list[subprocess.Popen[str]] = []
    program = Path(__file__).with_name("grant_process.py")

    def start(*arguments: object, **options: Any) -> subprocess.Popen[str]:
        children.append(
            subprocess.Popen(
                [sys.executable, program, *map(str, arguments)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                **options,
            )
        )
        return children[-1]

    with _ended(children):
        yield start
