"""A cell: a database, simulated vendors, a grant and a state of its own, and syncs between them."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..oracle.records import parse_instant
from .messages import Job, Kill
from .sync import CONFIRMED, PATIENCE, REFRESHES, State, Sync, Watch, start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    import psycopg

    from health_sandbox.client import ControlClient
    from health_sandbox.server import SandboxServer
    from health_tools.postgres.connection import Connection

    from .processes import WarmProcess
    from .vendors import Oracle

#: Seconds between two runs of a schedule.
PAUSE = 15 * 60.0


@dataclass
class Cell:
    """Syncs of one account that continue from each other's state, as Meltano lets them.

    Attributes:
        tap: ``tap-whoop`` or ``tap-withings``.
        root: A folder like a Meltano project's: grants, client files, logs.
        database: How to reach the database.
        server: The simulated vendors.
        oracle: What is true, and how it is stored.
        environment: Every variable of the tap and the loader.
        build_models: Builds the models in a database.
        copy: Makes a copy of the database, which lives as long as a block.
        check_state: Fails if a state promises what is not in the database.
        catalog: What the tap selects; None for all that is selected by default.
        state: The last one that the loader confirmed; None before the first.
        known_from: When the sync began that confirmed it, by the vendor's clock: it promises
            nothing of what the vendor changed since then.
        deleted: Records that a test had the vendor forget, by table: they may have rows.
        is_misdated: Whether a run once took its time from a clock that was years ahead: then the
            models take today for a day that is over, and until it is they do not know it.
    """

    tap: str
    root: Path
    database: Connection
    server: SandboxServer
    oracle: Oracle
    environment: dict[str, str] = field(repr=False)
    build_models: Callable[[Connection], None]
    copy: Callable[[], AbstractContextManager[Connection]]
    taps: WarmProcess
    loaders: WarmProcess
    check_state: Callable[[Cell, State], None]
    catalog: Path | None = None
    state: State | None = None
    known_from: datetime | None = None
    deleted: dict[str, set[tuple[Any, ...]]] = field(default_factory=dict)
    is_misdated: bool = False
    _syncs: int = 0

    @property
    def sandbox(self) -> ControlClient:
        """The control endpoint of the cell's vendor."""
        return self.oracle.sandbox

    def connect(self) -> psycopg.Connection[Any]:
        """A session of the database."""
        return self.database.connect()

    def query(self, statement: str) -> list[Any]:
        """Ask the database."""
        with self.connect() as connection:
            return connection.execute(statement.encode()).fetchall()

    def has_tables(self) -> bool:
        """Whether the loader has made all of its tables."""
        names = [f"{self.oracle.schema}.{name}" for name in (*self.oracle.keys, "sync_windows")]
        with self.connect() as connection:
            found = connection.execute(
                "select bool_and(to_regclass(name) is not null) from unnest(%s::text[]) as name",
                (names,),
            ).fetchone()
        return found == (True,)

    def build(self) -> None:
        """Build the models, as dbt does after a sync."""
        self.build_models(self.database)

    def wait(self, seconds: float = PAUSE) -> None:
        """Let time pass at the vendor."""
        self.server.advance(seconds)

    def sync(
        self,
        kill: Kill | None = None,
        *,
        at: Mapping[tuple[str, str], Callable[[], None]] | None = None,
        power_cut: bool = False,
        drain_every: int | None = None,
        drain_order: Sequence[str] | None = None,
        **settings: str,
    ) -> Sync:
        """Run the tap into the loader until both have ended.

        Whenever the loader has confirmed a state, it waits until that was found to be true.

        Args:
            kill: Where one of them dies.
            at: What to do while a process waits at a moment, by process and moment.
            power_cut: Whether the other one dies with it. Else it ends as it does under Meltano: a
                loader at the end of its input, a tap by being killed.
            drain_every: The loader drains after so many records.
            drain_order: The tables that it drains first, one after the other.
            settings: Variables of the environment.
        """
        acts = {CONFIRMED: self._check_state, REFRESHES: lambda: None, **(at or {})}
        order = None if drain_order is None else tuple(drain_order)
        self._syncs += 1
        began = parse_instant(self.sandbox.now())

        def confirm(state: State) -> None:
            self.state, self.known_from = state, began

        sync, states = start(
            self.taps,
            self._job("tap", self.tap, self._tap_arguments(), kill, acts, settings),
            self.loaders,
            self._job(
                "loader",
                "target-postgres",
                ["--config=ENV"],
                kill,
                acts,
                settings,
                drain_every=drain_every,
                drain_order=order,
            ),
            self.root / f"sync-{self._syncs}",
        )
        Watch(sync, states, acts, confirm, power_cut=power_cut).to_the_end()
        self.settle()
        self._check_state()
        return sync

    def waits_for(self, event: str) -> bool:
        """Whether a session of the database waits for a lock of this kind."""
        return bool(
            self.query(
                "select from pg_stat_activity where datname = current_database() "
                f"and wait_event_type = 'Lock' and wait_event = '{event}'"
            )
        )

    def settle(self) -> None:
        """Return when the server has noticed that the sessions of killed processes are gone."""
        deadline = time.monotonic() + PATIENCE
        with self.connect() as connection:
            # So that two runs that end at once do not wait for each other here.
            connection.execute("set application_name = 'settling'")
            while connection.execute(
                "select from pg_stat_activity where datname = current_database() "
                "and backend_type = 'client backend' and application_name <> 'settling'"
            ).fetchall():
                assert time.monotonic() < deadline, "a session outlives its client"
                time.sleep(0.01)

    def grant_works(self, seconds: float) -> bool:
        """Whether the stored grant brings an answer of the vendor's, so many seconds later."""
        arguments = [self.tap, str(seconds)]
        with (self.root / "grant.log").open("ab") as log:
            process = self.taps.start(
                Job("use-grant", arguments, self.environment),
                log.fileno(),
                log.fileno(),
                log.fileno(),
            )
            process.finish()
        return process.code == 0

    def _check_state(self) -> None:
        if self.state is not None:
            self.check_state(self, self.state)

    def _tap_arguments(self) -> list[str]:
        arguments = ["--config=ENV"]
        if self.catalog is not None:
            arguments.append(f"--catalog={self.catalog}")
        if self.state is not None:
            path = self.root / "state.json"
            path.write_text(json.dumps(self.state))
            arguments.append(f"--state={path}")
        return arguments

    def _job(
        self,
        process: str,
        command: str,
        arguments: list[str],
        kill: Kill | None,
        acts: Mapping[tuple[str, str], object],
        settings: Mapping[str, str],
        **options: Any,
    ) -> Job:
        return Job(
            name=command,
            arguments=arguments,
            environment={**self.environment, **settings},
            die=(kill.moment, kill.nth) if kill and kill.process == process else None,
            holds=tuple(moment for name, moment in acts if name == process),
            **options,
        )
