"""Reads what the report shows from the schema `marts`, and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from psycopg.rows import dict_row

if TYPE_CHECKING:
    from datetime import date

    import psycopg

Row = dict[str, Any]

#: The period of the pictures of single days, the newest date included.
DAYS = 90
#: The period of what changes slowly.
YEAR = 366

# The dates that a sync or a fact is of may begin long before the first number.
_PEOPLE = """
    select user_id, max(local_date) as until_date
    from marts.daily_facts
    where
        coalesce(
            asleep_s, recovery_score, hrv_rmssd, resting_heart_rate, steps, strain, body_weight,
            energy_total_kcal, nullif(workouts, 0)
        ) is not null
    group by user_id
    order by user_id
"""

_DAYS = """
    select
        facts.*,
        debt.need_s,
        debt.debt_14d_s,
        load.acute_load_kj,
        load.chronic_load_kj,
        load.acute_chronic_ratio
    from marts.daily_facts as facts
    left join marts.sleep_debt as debt using (user_id, local_date)
    left join marts.training_load as load using (user_id, local_date)
    where
        facts.user_id = %(user_id)s
        and facts.local_date > %(until_date)s - %(days)s::integer
        and facts.local_date <= %(until_date)s
    order by facts.local_date
"""

_WEIGHTS = """
    select *
    from marts.weight_trend
    where user_id = %(user_id)s and local_date > %(until_date)s - %(days)s::integer
    order by local_date
"""

_AGREEMENT = """
    select *
    from marts.device_agreement
    where user_id = %(user_id)s and compared_by = 'sleep' and pairs >= 10
    order by metric, source_a, source_b
"""


@dataclass(frozen=True)
class Person:
    """What the marts say of one person.

    Attributes:
        user_id: Who it is, by the name that the models give.
        until_date: The newest local date with a number.
        days: One row for each of the last `YEAR` dates, oldest first: `marts.daily_facts` with the
            sleep debt and the training load of the date.
        weights: One row for each weigh-in of that year, oldest first.
        agreement: Metrics of nights that two devices measured.
    """

    user_id: str
    until_date: date
    days: list[Row]
    weights: list[Row]
    agreement: list[Row]

    @property
    def recent(self) -> list[Row]:
        """The last `DAYS` of the days."""
        return self.days[-DAYS:]


def people(session: psycopg.Connection) -> list[Person]:
    """Everybody of whom there is a number, by name; nobody before the first build of the models."""
    if not _has_marts(session):
        return []
    with session.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_PEOPLE).fetchall()
        return [_read(cursor, **person) for person in found]


def _has_marts(session: psycopg.Connection) -> bool:
    row = session.execute("select to_regclass('marts.daily_facts') is not null").fetchone()
    return bool(row and row[0])


def _read(cursor: psycopg.Cursor[Row], user_id: str, until_date: date) -> Person:
    wanted = {"user_id": user_id, "until_date": until_date, "days": YEAR}

    def rows(query: str) -> list[Row]:
        found = cursor.execute(query.encode(), wanted).fetchall()
        return [{name: _plain(value) for name, value in row.items()} for row in found]

    return Person(
        user_id=user_id,
        until_date=until_date,
        days=rows(_DAYS),
        weights=rows(_WEIGHTS),
        agreement=rows(_AGREEMENT),
    )


def _plain(value: Any) -> Any:
    """A number as charts take it: what is exact stays in the database."""
    return float(value) if isinstance(value, Decimal) else value
