"""Members with both vendors, synced into one database, and what was read of each of them."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

from click.testing import CliRunner

from tap_whoop.auth import cli as whoop_grants
from tap_withings.auth import cli as withings_grants

from .chaos.vendors import VENDORS, WHOOP
from .conftest import ROOT
from .oracle.canonical_compare import Database, changed_alone
from .oracle.canonical_readings import Readings, Snapshot, Window
from .oracle.canonical_rows import Account
from .oracle.canonical_truth import Wishes, expected_rows
from .oracle.records import Difference
from .pipe import flow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from health_tools.postgres.connection import Connection as Address

    from .chaos.cell import Cell
    from .chaos.world import World
    from .oracle.canonical_compare import Hashes

GRANTS = {"whoop": whoop_grants, "withings": withings_grants}
COLLECTIONS = {
    "whoop": ("profile", "body", "cycles", "sleeps", "recoveries", "workouts"),
    "withings": (
        *("measure_groups", "activity", "workouts", "sleep_summary"),
        *("heart_recordings", "devices", "goals"),
    ),
}
TAPS = str(ROOT / ".venv/bin/{}")
LOADER = str(ROOT / ".meltano/loaders/target-postgres/venv/bin/health-target-postgres")
STAGES = "sleep_stages"
UTC = timezone.utc


@dataclass
class Family:
    """Several members; each has an account of its own name at either vendor.

    Attributes:
        cells: The pipe of each vendor, into one database.
        members: Their names.
        build_models: Builds the models in a database.
        wishes: What the user said.
        is_plain: Whether taps and loaders are started anew for each sync; forks that tell of each
            record are too slow for a year.
        readings: What was read, by vendor and member.
    """

    cells: Mapping[str, Cell]
    members: Sequence[str]
    build_models: Callable[[Address], None]
    wishes: Wishes = field(default_factory=Wishes)
    is_plain: bool = False
    readings: dict[tuple[str, str], Readings] = field(default_factory=dict)
    _windows: set[Any] = field(default_factory=set)
    _tokens: dict[str, str] = field(default_factory=dict)
    _hashes: Hashes = field(default_factory=dict)

    @property
    def cell(self) -> Cell:
        """One of the two: they share the database and the simulated vendors."""
        return self.cells["whoop"]

    def connect(self) -> None:
        """Have every member allow access, under their own name."""
        for name, cell in self.cells.items():
            prefix = VENDORS[name].prefix
            numbers = {m["name"]: str(m["user_id"]) for m in cell.sandbox.members()}
            for member in self.members:
                token = cell.root / "token.json"
                token.write_text(json.dumps(cell.sandbox.grant(member)))
                done = CliRunner().invoke(
                    GRANTS[name],
                    ["import", "--account", member, "--from", str(token)],
                    env={**cell.environment, f"{prefix}REFRESH_TOKEN": None},
                )
                assert done.exit_code == 0, done.output
                token.unlink()
                account = Account(name, numbers[member], member)
                self.readings[name, member] = Readings(account)
            cell.environment[f"{prefix}ACCOUNTS"] = json.dumps([*self.members])
            cell.environment[f"{prefix}REFRESH_TOKEN"] = ""
        for member in self.members:
            granted = self.cells["withings"].sandbox.grant(member)
            self._tokens[member] = granted["access_token"]

    def select_stages(self) -> None:
        """Have Withings' stages of sleep read, too; from the first sync on."""
        cell = self.cells["withings"]
        told = subprocess.check_output([TAPS.format(cell.tap), "--discover"])
        catalog: dict[str, Any] = json.loads(told)
        for stream in catalog["streams"]:
            if stream["tap_stream_id"] == STAGES:
                (whole,) = (each for each in stream["metadata"] if not each["breadcrumb"])
                whole["metadata"]["selected"] = True
        cell.catalog = cell.root / "catalog.json"
        cell.catalog.write_text(json.dumps(catalog))

    def sync(self, *, reconcile_days: int | None = None) -> None:
        """Run both taps, and take note of what they read."""
        for name, cell in self.cells.items():
            setting = f"{VENDORS[name].prefix}RECONCILE_DAYS"
            cell.environment.pop(setting, None)
            if reconcile_days:
                cell.environment[setting] = str(reconcile_days)
            snapshots = {member: self._snapshot(name, member) for member in self.members}
            self._run(cell)
            windows = self._new_windows(name)
            for member, snapshot in snapshots.items():
                self.readings[name, member].read(snapshot, windows.get(member, []))

    def _run(self, cell: Cell) -> None:
        """Run a tap into the loader: as processes of their own, or as forks that start at once."""
        if not self.is_plain:
            done = cell.sync()
            assert done.works, done.said
            return
        catalog = [f"--catalog={cell.catalog}"] if cell.catalog else []
        flow([TAPS.format(cell.tap), *catalog], LOADER, cell.environment, cell.root / "state.json")

    def build(self) -> None:
        """Build the models; what is a part of something deleted is found with them."""
        self.build_models(self.cell.database)
        for readings in self.readings.values():
            readings.settle()

    def differences(self) -> dict[str, Difference]:
        """How the tables differ from the truth; nothing where they do not."""
        expected = expected_rows(self.readings.values(), self.wishes)
        before, self._hashes = self._hashes, {}
        found = {}
        with self.cell.connect() as connection:
            connection.execute("set timezone to 'Asia/Kolkata'")
            database = Database(connection)
            for table, rows in expected.items():
                self._hashes |= database.hashes(table, rows)
                found[table.name] = database.compare(table, rows)
        nothing = Difference(set(), set(), [])
        found["record_hash"] = replace(nothing, wrong=[*changed_alone(before, self._hashes)])
        return {name: each for name, each in found.items() if each != nothing}

    def _snapshot(self, vendor: str, member: str) -> Snapshot:
        sandbox = self.cells[vendor].sandbox
        names = [*COLLECTIONS[vendor], *([STAGES] if self.cells[vendor].catalog else [])]
        records = {name: sandbox.truth(member, name) for name in names}
        if vendor == "whoop":
            return Snapshot(records)
        return Snapshot({**records, "profile": [{}]}, self._zone(member))

    def _zone(self, member: str) -> str:
        """Where Withings says that an account is."""
        url = f"{self.cell.server.url}/withings/measure?action=getmeas&lastupdate=4000000000"
        asked = Request(url, headers={"Authorization": f"Bearer {self._tokens[member]}"})
        with urlopen(asked) as answer:
            told: dict[str, Any] = json.load(answer)
        if told["status"] != 0:
            self._tokens[member] = self.cells["withings"].sandbox.grant(member)["access_token"]
            return self._zone(member)
        zone: str = told["body"]["timezone"]
        return zone

    def _new_windows(self, vendor: str) -> dict[str, list[Window]]:
        """What the sync log has that it had not, by member."""
        rows = self.cell.query(
            "select window_id, account, stream, basis, window_start, window_end, synced_at, "
            f"distinct_keys from {vendor}_raw.sync_windows where status = 'complete'"
        )
        found: dict[str, list[Window]] = {}
        for name, account, *row in rows:
            if name not in self._windows:
                self._windows.add(name)
                found.setdefault(account, []).append(Window.of(row))
        return found


@contextmanager
def family(
    world: World, members: Sequence[str], *, since: datetime, now: datetime
) -> Iterator[Family]:
    """Members who have just been connected, and whose history is asked for since an instant."""
    first = next(iter(members))
    days = (datetime(2026, 6, 1, 12, tzinfo=UTC) - since).days
    with world.cell(WHOOP, days=days, member=first) as cell:
        cell.server.set_clock(f"{now:%Y-%m-%dT%H:%M:%SZ}")
        cells: dict[str, Cell] = {}
        for name, vendor in VENDORS.items():
            root = cell.root / name
            root.mkdir()
            cells[name] = replace(
                cell,
                tap=vendor.tap,
                root=root,
                oracle=vendor.oracle(cell.server.vendor(name), first, cell.oracle.start),
                environment={
                    **cell.environment,
                    "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": f"{name}_raw",
                    f"{vendor.prefix}START_DATE": f"{since:%Y-%m-%dT%H:%M:%SZ}",
                    f"{vendor.prefix}REQUESTS_PER_MINUTE": "100000",
                },
                check_state=lambda *_: None,
            )
        made = Family(cells, members, cell.build_models)
        made.connect()
        yield made
