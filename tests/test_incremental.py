"""A build replaces the rows of what has changed, and what is there then is what a full build makes.

Two members with both vendors live through random days: records come, change, go and come back, and
the user says whose an account is and which source counts. The seeds are fixed; `make soak` has
more.
"""

from __future__ import annotations

from datetime import datetime, timezone
from random import Random
from typing import TYPE_CHECKING

import pytest

from .chaos.conftest import world  # noqa: F401 (the fixture)
from .chaos.models import fingerprints
from .family import family
from .oracle.canonical_life import Life

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .chaos.world import World
    from .family import Family

UTC = timezone.utc
MEMBERS = ["chandra", "jon"]
BEGIN = datetime(2026, 2, 20, tzinfo=UTC)
NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)
HOUR = 3600
#: What tells when something was last read, and by which window. A profile's weight is of that time.
TIMES = [
    *("synced_at", "source_synced_at", "asked_at", "window_id", "last_success_at"),
    *("extracted_at", "loaded_at", "measured_at", "measured_local"),
    *("effective_start_at", "effective_end_at", "effective_start_local", "effective_end_local"),
]
#: Tables of which a build replaces rows.
REPLACED = {
    **dict.fromkeys(
        [
            *("sleep_sessions", "workouts", "workout_hr_zones", "biometrics_vitals"),
            *("source_scores", "physiological_cycles"),
        ],
        "canonical",
    ),
    **dict.fromkeys(["daily_facts", "daily_fact_sources"], "marts"),
}


class Days:
    """Random things that happen to a family between two builds.

    Attributes:
        random: Decides what happens.
    """

    def __init__(self, made: Family) -> None:
        self._made = made
        self.random = Random()
        self._lives = [Life(made.cell.server, member) for member in MEMBERS]
        self._events: list[Callable[[], str]] = [
            *(self._amend, self._forget, self._remember, self._prefer, self._prefer),
            *(self._own, self._disown),
        ]

    def pass_by(self) -> str:
        """Have one or two things happen, then mostly a sync; returns what it was."""
        steps = [self._wait, *self.random.choices(self._events, k=self.random.randint(1, 2))]
        told = [step() for step in steps]
        if self.random.random() < 0.8:
            days = self.random.choice([None, 10, 60])
            self._made.sync(reconcile_days=days)
            told.append(f"sync, reconciling {days} days")
        return ", ".join(told)

    def go_by_slowly(self) -> Iterator[str]:
        """Some minutes and a sync, again and again, mostly without any event; what it was."""
        steps = [*[None] * 4, *self.random.sample(self._events, 2)]
        self.random.shuffle(steps)
        for step in steps:
            self._made.cell.wait(300)
            told = step() if step else "nothing"
            self._made.sync()
            yield told

    def _amend(self) -> str:
        self.random.choice(self._lives).amend()
        return "amend"

    def _forget(self) -> str:
        self.random.choice(self._lives).forget()
        return "forget"

    def _remember(self) -> str:
        self.random.choice(self._lives).remember()
        return "remember"

    def _wait(self) -> str:
        self._made.cell.wait(self.random.choice([1, 9, 30, 100]) * HOUR)
        return "wait"

    def _prefer(self) -> str:
        wish = (
            self.random.choice(["whoop", "withings"]),
            self.random.randint(1, 9),
            self.random.choice([None, *MEMBERS]),
            self.random.choice([None, "sleep", "activity", "vitals"]),
            self.random.choice([None, "2026-03-15"]),
        )
        statement = (
            "insert into meta.source_preferences "
            "(source_system, priority, user_id, category, valid_from) values (%s, %s, %s, %s, %s)"
        )
        with self._made.cell.connect() as session:
            session.execute("delete from meta.source_preferences where priority > 5")
            session.execute(statement, wish)
        return f"prefer {wish}"

    def _own(self) -> str:
        account = self.random.choice([*self._made.readings.values()]).account
        owner = self.random.choice([*MEMBERS, "somebody"])
        self._disown()
        with self._made.cell.connect() as session:
            session.execute(
                "insert into meta.account_owners values (%s, %s, %s)",
                (account.vendor, account.number, owner),
            )
        return f"{account.vendor} {account.number} is {owner}'s"

    def _disown(self) -> str:
        with self._made.cell.connect() as session:
            session.execute("delete from meta.account_owners")
        return "disown"


@pytest.fixture(scope="module")
def home(world: World) -> Iterator[Family]:  # noqa: F811
    """Two members with some weeks in a database whose models are built."""
    with family(world, MEMBERS, since=BEGIN, now=NOW) as made:
        made.sync()
        made.build()
        yield made


def test_a_build_writes_no_row_of_what_has_not_changed(home: Family) -> None:
    writers = "select distinct xmin::text from {}.{} where local_date < '2026-03-20'"
    before = {name: home.cell.query(writers.format(REPLACED[name], name)) for name in REPLACED}
    home.cell.wait(24 * HOUR)
    home.sync()
    home.build()
    after = {name: home.cell.query(writers.format(REPLACED[name], name)) for name in REPLACED}
    assert after == before
    newest = home.cell.query("select max(local_date) from marts.daily_facts")
    assert [(str(date),) for (date,) in newest] == [("2026-04-21",)]
    ((replaced, inputs),) = home.cell.query(
        "select replaced_records, (select count(*) from meta.built_inputs where kind like '%raw%') "
        "from meta.last_build"
    )
    assert 0 < replaced < inputs / 2


def test_a_build_without_news_replaces_nothing(home: Family) -> None:
    home.build()
    assert home.cell.query("select changed_inputs, replaced_records from meta.last_build") == [
        (0, 0)
    ]


@pytest.fixture(scope="module")
def days(home: Family) -> Days:
    """What happens to them: one life, however many tests there are."""
    return Days(home)


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 12))]
)
def test_what_has_grown_is_what_a_full_build_makes(
    home: Family,
    days: Days,
    world: World,  # noqa: F811
    seed: int,
) -> None:
    days.random.seed(seed)
    told = []
    for _ in range(5):
        told.append(days.pass_by())
        home.build()
        with home.cell.copy() as copy:
            world.models.build(copy, full_refresh=True)
            anew, grown = fingerprints(copy), fingerprints(home.cell.database)
        different = {name for name in {*anew, *grown} if anew.get(name) != grown.get(name)}
        assert not different, f"after {told}, a full build changes {different}"


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 6))]
)
def test_without_a_reason_a_build_would_change_times_alone(
    home: Family, days: Days, seed: int
) -> None:
    days.random.seed(seed)
    home.cell.wait(HOUR)
    home.sync()
    home.build()
    told, quiet = [], 0
    for event in days.go_by_slowly():
        reasons = home.cell.query(
            "select reason, source_system, stream from meta.build_reasons order by 1, 2, 3"
        )
        told.append((event, reasons))
        before = _content(home)
        home.build()
        assert home.cell.query("select * from meta.build_reasons") == []
        if not reasons:
            quiet += 1
            after = _content(home)
            different = {name for name in before if after[name] != before[name]}
            assert not different, f"after {told}, a build changes {different}"
    assert 0 < quiet < len(told), told


def _content(home: Family) -> dict[str, str | None]:
    """All that the models tell, but for the times of the last answers."""
    told = fingerprints(home.cell.database, ["canonical", "marts", "quality", "meta"], but=TIMES)
    states = fingerprints(home.cell.database, ["staging"], but=TIMES)
    name = "staging.int_sync__stream_states"
    return {**told, name: states[name], "meta.sync_days": None}
