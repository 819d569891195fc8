"""The marts after a sync of both vendors: every number of a day is in the vendors' own records.

The records are read by the one query that docs/read-the-tables.md gives for it. And what shows the
marts: the report, in a real browser, and every query of the dashboards, as the role that reads.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from . import dashboards
from .browser import CHROMIUM, running_browser
from .conftest import NOW, ROOT
from .report_page import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg
    from playwright.sync_api import Browser

    from .conftest import Project

PAGE = (ROOT / "docs" / "read-the-tables.md").read_text()
QUERIES = re.findall(r"```sql\n(.*?);\n```", PAGE, re.DOTALL)
(LINEAGE,) = re.findall(r"<!-- test: lineage -->\n```sql\n(.*?);\n```", PAGE, re.DOTALL)
KILOJOULE = Decimal("4.184")
#: Numbers that may be zero without a record: nobody had anything to record.
KNOWN_ZEROS = {"naps", "nap_asleep_s", "workouts", "workout_duration_s", "workout_energy_kj"}


def _stages(sleep: Any, *names: str) -> Decimal:
    summary = sleep["score"]["stage_summary"]
    return Decimal(sum(summary[f"total_{name}_time_milli"] for name in names)) / 1000


def _need(sleep: Any) -> Decimal:
    needed = sleep["score"]["sleep_needed"]
    return Decimal(needed["baseline_milli"] + needed["need_from_recent_strain_milli"]) / 1000


def _length(workout: Any) -> Decimal:
    start, end = (
        datetime.strptime(workout[name], "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007
        for name in ("start", "end")
    )
    return Decimal(str((end - start).total_seconds()))


def _measure(kind: int) -> Callable[[Any], Decimal | None]:
    def value(measure: Any) -> Decimal | None:
        if measure["type"] != kind:
            return None
        return Decimal(measure["value"]).scaleb(int(measure["unit"]))

    return value


#: What each raw table says of each number, straight from the vendor's JSON.
SAID: dict[str, dict[str, Callable[[Any], Any]]] = {
    "whoop_raw.sleeps": {
        "in_bed_s": lambda r: _stages(r, "in_bed"),
        "asleep_s": lambda r: _stages(r, "light_sleep", "slow_wave_sleep", "rem_sleep"),
        "nap_asleep_s": lambda r: _stages(r, "light_sleep", "slow_wave_sleep", "rem_sleep"),
        "light_s": lambda r: _stages(r, "light_sleep"),
        "deep_s": lambda r: _stages(r, "slow_wave_sleep"),
        "rem_s": lambda r: _stages(r, "rem_sleep"),
        "awake_s": lambda r: _stages(r, "awake"),
        "efficiency_pct": lambda r: r["score"]["sleep_efficiency_percentage"],
        "respiratory_rate": lambda r: r["score"]["respiratory_rate"],
        "sleep_need_s": _need,
        "naps": lambda r: int(r["nap"]),
    },
    "whoop_raw.recoveries": {
        "recovery_score": lambda r: r["score"]["recovery_score"],
        "resting_heart_rate": lambda r: r["score"]["resting_heart_rate"],
        "hrv_rmssd": lambda r: r["score"]["hrv_rmssd_milli"],
        "spo2": lambda r: r["score"]["spo2_percentage"],
        "skin_temperature": lambda r: r["score"]["skin_temp_celsius"],
    },
    "whoop_raw.cycles": {
        "strain": lambda r: r["score"]["strain"],
        "steps": lambda r: r["step_count"],
        "energy_total_kcal": lambda r: round(r["score"]["kilojoule"] / KILOJOULE, 3),
    },
    "whoop_raw.workouts": {
        "workouts": lambda _: 1,
        "workout_duration_s": _length,
        "workout_energy_kj": lambda r: r["score"]["kilojoule"],
    },
    "withings_raw.sleep_summary": {
        "in_bed_s": lambda r: r["data"]["total_timeinbed"],
        "asleep_s": lambda r: r["data"]["total_sleep_time"],
        "nap_asleep_s": lambda r: r["data"]["total_sleep_time"],
        "light_s": lambda r: r["data"]["lightsleepduration"],
        "deep_s": lambda r: r["data"]["deepsleepduration"],
        "rem_s": lambda r: r["data"]["remsleepduration"],
        "awake_s": lambda r: r["data"]["wakeupduration"],
        "efficiency_pct": lambda r: r["data"]["sleep_efficiency"] * 100,
        "respiratory_rate": lambda r: r["data"]["rr_average"],
        "naps": lambda _: 1,
    },
    "withings_raw.activity": {
        "steps": lambda r: r["steps"],
        "energy_total_kcal": lambda r: r["totalcalories"],
        "distance_m": lambda r: r["distance"],
    },
    "withings_raw.workouts": {
        "workouts": lambda _: 1,
        "workout_duration_s": lambda r: r["enddate"] - r["startdate"],
        "workout_energy_kj": lambda r: r["data"]["calories"] * KILOJOULE,
    },
    "withings_raw.measures": {
        "body_weight": _measure(1),
        "body_fat_pct": _measure(6),
        "spo2": _measure(54),
        "skin_temperature": _measure(73),
    },
}
NUMBERS = sorted({metric for said in SAID.values() for metric in said})


@pytest.fixture(scope="module", autouse=True)
def _synced(project: Project) -> None:
    project.connect("ana", "withings")
    project.env["TAP_WHOOP_START_DATE"] = project.env["TAP_WITHINGS_START_DATE"] = "2026-03-12"
    project.run("sync")


def days(project: Project, *columns: str) -> dict[str, dict[str, Any]]:
    """The rows of `marts.daily_facts` by date."""
    rows = project.query(f"select local_date::text, {', '.join(columns)} from marts.daily_facts")
    found = {date: dict(zip(columns, values, strict=True)) for date, *values in rows}
    assert len(found) == len(rows) > 80
    return found


def test_every_number_of_a_day_is_what_the_vendors_records_say(project: Project) -> None:
    said = defaultdict(set)
    for date, metric, how, part, relation, key, record in project.query(
        LINEAGE.partition("\nwhere")[0]
    ):
        if part is None:
            continue
        value = SAID[relation][metric](json.loads(record, parse_float=Decimal))
        if value is not None:
            said[str(date), metric].add((relation, key, how, round(Decimal(value), 9)))
    found = 0
    for date, day in days(project, *NUMBERS).items():
        for metric, number in day.items():
            parts = said.get((date, metric), set())
            if number is None or (number == 0 and not parts and metric in KNOWN_ZEROS):
                continue
            assert parts, (date, metric)
            values = [value for *_, value in parts]
            if all(how == "sum" for _, _, how, _ in parts) or len(values) == 1:
                assert round(Decimal(number), 9) == sum(values), (date, metric)
            else:
                assert min(values) <= number <= max(values), (date, metric)
            found += 1
    assert found > 1500


def test_a_night_is_all_of_the_dates_sleeps_that_are_no_naps(project: Project) -> None:
    nights: dict[str, Decimal] = defaultdict(Decimal)
    naps: dict[str, int] = defaultdict(int)
    dates = dict(
        project.query("select raw_source_id, local_date::text from canonical.sleep_sessions")
    )
    for sleep in project.sandbox.truth("ana", "sleeps"):
        if sleep["id"] in dates and sleep["score_state"] == "SCORED":
            asleep = SAID["whoop_raw.sleeps"]["asleep_s"](sleep)
            if sleep["nap"]:
                naps[dates[sleep["id"]]] += 1
            else:
                nights[dates[sleep["id"]]] += asleep
    for date, day in days(project, "sleep_source", "asleep_s", "naps").items():
        if day["sleep_source"] == "whoop":
            assert day["asleep_s"] == nights[date], date
        if day["naps"] is not None:
            assert day["naps"] >= naps[date], date
    assert sum(naps.values()) > 5


def test_each_date_has_one_row_from_the_first_to_the_last(project: Project) -> None:
    ((first, last, rows, dates),) = project.query(
        "select min(local_date), max(local_date), count(*), count(distinct local_date) "
        "from marts.daily_facts"
    )
    assert (last - first).days + 1 == rows == dates
    assert str(last) == "2026-06-01"


def test_every_query_of_the_page_answers(project: Project) -> None:
    assert len(QUERIES) > 5
    for query in QUERIES:
        assert project.query(query), query


@pytest.fixture(scope="module")
def report(project: Project, _synced: None) -> Path:
    """The page of the only person, as the README builds it."""
    built = project.meltano("invoke", "report:build")
    assert built.code == 0, built.text
    path = Path(built.text.splitlines()[-1])
    assert path == project.root / ".health-taps" / "report" / "demo" / "default.html"
    assert path.stat().st_mode & 0o077 == 0
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("NOBODY SAW THE REPORT: install chromium (Debian: apt-get)")
    with running_browser() as chromium:
        yield chromium


@pytest.mark.parametrize(
    ("width", "scheme", "zone"),
    [
        (1200, "light", "Pacific/Auckland"),
        (1200, "dark", "America/Los_Angeles"),
        (375, "light", "America/Los_Angeles"),
    ],
)
def test_the_report_draws_all_pictures_and_asks_nobody(
    report: Path, browser: Browser, tmp_path: Path, width: int, scheme: str, zone: str
) -> None:
    with opened(browser, report, width=width, scheme=scheme, zone=zone) as shown:
        shown.page.screenshot(path=tmp_path / f"report-{width}-{scheme}.png", full_page=True)
        assert shown.complaints == []
        assert set(shown.requests) <= {report.as_uri(), "data:,"}
        assert shown.repeated_ids() == []
        assert shown.overflow() <= 0
        figures = shown.figures()
        assert len(figures) == len(set(figures)) > 15
        for figure in figures:
            assert shown.marks(figure), figure
            assert len(shown.alternative(figure)) > 40, figure
            assert shown.table(figure), figure


@pytest.mark.parametrize(("name", "width", "height"), [("report", 1200, 1330), ("phone", 375, 812)])
def test_the_docs_show_the_report(
    report: Path,
    browser: Browser,
    request: pytest.FixtureRequest,
    name: str,
    width: int,
    height: int,
) -> None:
    picture = ROOT / "docs" / "pictures" / f"{name}.png"
    with opened(browser, report, width=width, scheme="light", zone="UTC") as shown:
        taken = shown.page.screenshot(
            clip={"x": 0, "y": 0, "width": width, "height": height}, full_page=True
        )
    if request.config.getoption("--write-pictures"):
        picture.parent.mkdir(exist_ok=True)
        picture.write_bytes(taken)
    # Its size only: fonts are another on each machine.
    assert picture.read_bytes()[16:24] == taken[16:24]


def test_the_report_shows_the_numbers_of_the_marts_on_their_dates(
    project: Project, report: Path, browser: Browser
) -> None:
    steps = project.query(
        "select to_char(local_date, 'FMDD Mon YYYY'), to_char(local_date, 'DD Mon YYYY'), steps "
        "from marts.daily_facts where steps is not null order by local_date desc"
    )
    with opened(browser, report, width=900, scheme="light", zone="America/Los_Angeles") as shown:
        assert shown.dates("steps") == {marked for _, marked, _ in steps}
        table = {row[0].partition(" ")[2]: row[1] for row in shown.table("steps")}
        for date, _, number in steps:
            assert table[date] == f"{number:,.0f}".replace(",", " ")
        tile = shown.page.locator(".tile", has_text="Steps").inner_text()
        over = project.query(
            "select steps from marts.daily_facts where is_over and steps is not null "
            "order by local_date desc limit 1"
        )[0][0]
        assert f"{over:,.0f}".replace(",", " ") in tile


#: What may have no rows of a healthy sync, by panel, annotation and column.
MAY_BE_EMPTY = {"Deletions that wait for you", "Errors", "Re-scores"}
MAY_BE_NULL = {"Failed", "Somebody else's", "Last error", "Last failure", "Error"}


@pytest.fixture(scope="module")
def role(project: Project) -> dict[str, str]:
    """The role that the command makes for Grafana."""
    made = project.meltano("invoke", "health:reader", HEALTH_READER_PASSWORD="quiet")
    assert made.code == 0, made.text
    return {"user": "health_reader", "password": "quiet"}


@pytest.fixture
def reader(project: Project, role: dict[str, str]) -> Iterator[psycopg.Connection[Any]]:
    with project.connection(**role) as session:
        yield session


def ask(session: psycopg.Connection[Any], query: dashboards.Asked) -> dashboards.Answer:
    return dashboards.answer(session, query.expanded("default", "2026-03-03T12:00:00Z", NOW))


QUERIES_OF_DASHBOARDS = [
    pytest.param(query, id=f"{query.page}-{query.title}") for query in dashboards.asked()
]


@pytest.mark.parametrize("query", QUERIES_OF_DASHBOARDS)
def test_a_dashboard_shows_what_it_says(
    reader: psycopg.Connection[Any], query: dashboards.Asked
) -> None:
    found = ask(reader, query)
    kinds = dict(found.kinds)
    if query.title not in MAY_BE_EMPTY:
        assert found.rows
        for column in kinds:
            assert found.column(column) or column in MAY_BE_NULL, column
    if query.kind == "variable":
        assert found.rows == [("default",)]
    if query.kind == "annotation":
        assert kinds == {"time": "time", "text": "text", "tags": "text"}
    if query.kind == "stat" and "time" not in kinds:
        assert len(found.rows) == 1
        assert [*kinds.values()] == ["number"]
    if "time" in kinds:
        times = found.column("time")
        assert times == sorted(set(times))
        assert all(time == datetime.combine(time, datetime.min.time()) for time in times)
        assert kinds.pop("time") == "time"
        shown = {"timeseries": "number", "stat": "number"}.get(query.kind, "text")
        assert {*kinds.values()} == {shown}
    if query.kind == "state-timeline":
        (words,) = [
            {word for mapping in defaults["mappings"] for word in mapping["options"]}
            for defaults in [query.panel["fieldConfig"]["defaults"]]
        ]
        assert {word for column in kinds for word in found.column(column)} <= words
    for override in query.panel.get("fieldConfig", {}).get("overrides", []):
        matcher = override["matcher"]
        assert matcher["options"] in kinds if matcher["id"] == "byName" else matcher["options"]


@pytest.fixture
def empty_copy(project: Project) -> Iterator[str]:
    """The same database without a row: what the models make of nothing."""
    with project.connection(dbname="postgres", autocommit=True) as owner:
        owner.execute("create database nothing template health_demo")
        with project.connection(dbname="nothing") as session:
            tables = session.execute(
                "select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_tables "
                "where schemaname not in ('pg_catalog', 'information_schema')"
            ).fetchone()
            assert tables
            session.execute(f"truncate {tables[0]}".encode())
        yield "nothing"
        owner.execute("drop database nothing with (force)")


def test_without_data_every_panel_is_empty_and_none_fails(
    project: Project, role: dict[str, str], empty_copy: str
) -> None:
    with project.connection(dbname=empty_copy, **role) as session:
        for query in dashboards.asked():
            found = ask(session, query)
            assert all(value in {None, 0} for row in found.rows for value in row), query.title
