"""Every row of every canonical table is what the vendors' truth says that it must be.

The oracle (tests/oracle/canonical_*) knows the vendors' JSON, the sync log and the rules in words,
and nothing of the SQL. In `make test` some weeks of a few members, whose models are built by the
statements that dbt executes; in `make soak` a year of all, and dbt itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple, dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from .chaos.conftest import world  # noqa: F401 (the fixture)
from .chaos.models import fingerprints
from .family import family
from .oracle.canonical_life import Life
from .oracle.canonical_preference import Preference
from .oracle.canonical_tables import TABLES
from .oracle.canonical_truth import Wishes
from .oracle.canonical_zones import EVER, Home
from .raw_tables import repeat, shuffle
from .real_dbt import dbt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from health_tools.postgres.connection import Connection as Address

    from .chaos.world import World
    from .family import Family
    from .oracle.records import Difference

HOUR = 3600
#: What has to occur, or the comparison would say nothing of it.
RULES: Mapping[str, set[Any]] = {
    "is_echo from canonical.sleep_sessions": {True, False},
    "is_main_sleep from canonical.sleep_sessions where deleted_at is null": {True, False},
    "score_state from canonical.sleep_sessions": {"SCORED", "UNSCORABLE"},
    "preference_reason from canonical.sleep_sessions": {
        *("deleted", "original", "scored", "default_preference", "only_source", "implausible"),
    },
    "is_echo from canonical.workouts": {True, False},
    "preference_reason from canonical.workouts": {"default_preference", "only_source", "deleted"},
    "modality from canonical.biometrics_vitals": {"sensed", "self_reported", "imported"},
    "tz_evidence from canonical.biometrics_vitals": {
        *("source_offset", "source_iana", "user_history", "default"),
    },
    "local_date_rule from canonical.biometrics_vitals": {
        *("effective_end", "source_date", "main_sleep_end", "cycle_midpoint"),
        "open_cycle_start_plus_12h",
    },
    "preference_reason from canonical.biometrics_vitals": {
        *("deleted", "ambiguous_owner", "differing_duplicate", "sensed", "default_preference"),
    },
    "effective_end_at is null from canonical.biometrics_vitals": {True, False},
    "value_text is null from canonical.biometrics_vitals": {True, False},
    "is_open from canonical.physiological_cycles": {True, False},
    "score_state from canonical.source_scores": {"SCORED", "PENDING_SCORE", "UNSCORABLE"},
    "has_differing_values from canonical.body_measurements": {True, False},
    "raw_relation is null from canonical.device": {True, False},
    "evidence from canonical.user_timezone_history": {"recent_record", "nearest_record"},
    "rule from meta.deleted_records": {"missing", "with_its_sleep", "with_its_group"},
}


@dataclass(frozen=True)
class Round:
    """What happens before a sync, how long it takes, and what is read again."""

    what: str
    hours: int
    reconcile_days: int | None = None


@dataclass(frozen=True)
class Story:
    """A history of some members.

    Attributes:
        members: Their names.
        since: The setting start_date.
        first: When the first sync is.
        rounds: What happens then.
        wishes: What the user says, after the first build.
        home_zones: The same of home zones, in the words of HEALTH_HOME_ZONES.
        by_dbt: Whether dbt itself builds the models, stages of sleep included.
    """

    members: Sequence[str]
    since: datetime
    first: datetime
    rounds: Sequence[Round]
    wishes: Wishes = field(default_factory=Wishes)
    home_zones: str = ""
    by_dbt: bool = False


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


WEEKS = Story(
    members=["chandra", "dee", "fay", "jon"],
    since=at("2026-03-14"),
    first=at("2026-04-08T12:00"),  # the clocks of three of them have changed
    rounds=[Round("amend", 27), Round("forget", 10, 60), Round("remember", 30, 60)],
)
YEAR = Story(
    members=["ana", "ben", "chandra", "dee", "eli", "fay", "gus", "hal", "ida", "jon"],
    since=at("2025-05-15"),
    first=at("2026-02-20T09:30"),
    rounds=[
        Round("amend", 7),
        Round("forget", 10),
        Round("remember", 30, 400),
        Round("amend", 21 * 24),
        Round("forget", 9, 60),
        Round("amend", 14 * 24 + 5),
        Round("remember", 20 * 24, 30),
        Round("forget", 19 * 24, 400),
    ],
    wishes=Wishes(
        owners={("withings", "46093574"): "eli at home", ("withings", "48250017"): "ben"},
        homes={
            "ana": [Home(at("2025-12-31T23:00"), "Europe/Berlin")],
            "dee": [Home(EVER, "Australia/Lord_Howe")],
            "hal": [
                Home(EVER, "America/New_York"),
                Home(at("2025-11-01T05:00"), "America/Chicago"),
            ],
        },
        preferences=[
            Preference("withings", 1, category="sleep", device_type="Sleep Monitor"),
            Preference("whoop", 3, "jon", "activity", "steps_day"),
            Preference("withings", 2, "fay", since=at("2025-09-01").date()),
        ],
    ),
    home_zones="ana 2026-01-01 Europe/Berlin; whoop:20871556 Australia/Lord_Howe; "
    "hal America/New_York; hal 2025-11-01 America/Chicago",
    by_dbt=True,
)


@dataclass
class Lived:
    """A story that is over.

    Attributes:
        family: Its members.
        differences: How the tables differed from the truth, after the rounds in which they did.
        build_without_keys: Builds the models where no raw table has a key.
    """

    family: Family
    differences: Mapping[str, Mapping[str, Difference]]
    build_without_keys: Callable[[Address], None]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(WEEKS, id="weeks"),
        pytest.param(YEAR, id="year", marks=pytest.mark.soak),
    ],
)
def lived(world: World, request: pytest.FixtureRequest) -> Iterator[Lived]:  # noqa: F811
    story: Story = request.param
    with family(world, story.members, since=story.since, now=story.first) as made:
        without_keys: Callable[[Address], None] = world.models.without_keys().build
        if story.by_dbt:
            made.is_plain = True
            made.select_stages()
            made.build_models = dbt(made.cell.root, HEALTH_HOME_ZONES=story.home_zones)
            without_keys = made.build_models
        yield Lived(made, tell(story, made), without_keys)


def tell(story: Story, made: Family) -> dict[str, Mapping[str, Difference]]:
    """Play a story; returns the differences after each round that has some."""
    lives = [Life(made.cell.server, member) for member in story.members]
    found = {}
    made.wishes = Wishes(homes=story.wishes.homes)
    made.sync()
    made.build()
    found["first"] = made.differences()
    say(story.wishes, made)
    for number, each in enumerate(story.rounds):
        made.cell.wait(each.hours * HOUR)
        for life in lives:
            getattr(life, each.what)()
        made.sync(reconcile_days=each.reconcile_days)
        made.build()
        found[f"{number} {each.what}"] = made.differences()
    return {name: differences for name, differences in found.items() if differences}


def say(wishes: Wishes, made: Family) -> None:
    """Write down what the user wishes; the next build follows."""
    with made.cell.connect() as session:
        for account, person in wishes.owners.items():
            session.execute(
                "insert into meta.account_owners values (%s, %s, %s)", [*account, person]
            )
        for wish in wishes.preferences:
            session.execute(
                "insert into meta.source_preferences (source_system, priority, user_id, category, "
                "metric_code, device_type, valid_from, valid_to) "
                "values (%s, %s, %s, %s, %s, %s, %s, %s)",
                [*astuple(wish)[:-1]],
            )
    made.wishes = wishes


def test_every_row_of_every_table_is_what_it_must_be(lived: Lived) -> None:
    said = [
        f"after {moment}, {table}: {words}"
        for moment, tables in lived.differences.items()
        for table, difference in tables.items()
        for words in in_words(difference)
    ]
    assert not said, "\n".join(said)


def in_words(difference: Difference) -> Iterator[str]:
    """How many rows are missing or too many, and which columns are wrong, with a key of each."""
    for what, keys in (("lost", difference.lost), ("surplus", difference.surplus)):
        if keys:
            yield f"{len(keys)} {what}, one is {min(keys, key=str)}"
    columns = Counter(text.rpartition(") ")[2] for text in difference.wrong)
    for column, count in columns.items():
        key = next(text for text in difference.wrong if text.endswith(f") {column}"))
        yield f"{count} times another {column}, once of {key.rpartition(' ')[0]}"


def test_the_story_has_all_that_the_rules_are_about(lived: Lived) -> None:
    told = {
        statement: {value for (value,) in lived.family.cell.query(f"select distinct {statement}")}
        for statement in RULES
    }
    missing = {statement: values - told[statement] for statement, values in RULES.items()}
    assert not {statement: values for statement, values in missing.items() if values}


def test_the_order_of_raw_rows_changes_no_hash(lived: Lived) -> None:
    before = fingerprints(lived.family.cell.database)
    with lived.family.cell.copy() as copy:
        shuffle(copy)
        lived.family.build_models(copy)
        after = fingerprints(copy)
    assert {name for name in before if before[name] != after.get(name)} == set()
    assert before.keys() == after.keys()
    assert len([name for name in before if name.startswith("canonical.")]) >= len(TABLES)


def test_what_a_tool_without_keys_left_behind_does_not_reach_the_models(lived: Lived) -> None:
    family = lived.family
    before = fingerprints(family.cell.database)
    with family.cell.copy() as copy:
        assert repeat(copy) > 4 * len(family.members) * 20
        lived.build_without_keys(copy)
        after = fingerprints(copy)
    assert {name for name in before if before[name] != after.get(name)} == set()
