"""How the tables are asked: one person, one period, a date as the moment at its beginning, UTC."""

from __future__ import annotations

_CHOSEN = "user_id = ${user:sqlstring} and $__timeFilter(local_date)"


def hours(column: str) -> str:
    """Of a column of seconds: on an axis of those, Grafana has its lines at 2.78 hours and 5.56."""
    return f"{column} / 3600.0"


def by_date(columns: str, table: str = "marts.daily_facts") -> str:
    """Columns over dates; a date without a value stays in it, as a gap."""
    return (
        f"select\n  local_date::timestamp as time,\n  {columns}\n"
        f"from {table}\nwhere {_CHOSEN}\norder by local_date"
    )


def over_period(columns: str, table: str = "marts.daily_facts") -> str:
    """One row about the whole period."""
    return f"select\n  {columns}\nfrom {table}\nwhere {_CHOSEN}"


def newest_first(columns: str, table: str = "marts.daily_facts") -> str:
    """A row for each date, with the date as text."""
    return (
        f"select\n  to_char(local_date, 'YYYY-MM-DD') as \"Date\",\n  {columns}\n"
        f"from {table}\nwhere {_CHOSEN}\norder by local_date desc"
    )
