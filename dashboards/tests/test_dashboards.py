"""The JSON that Grafana reads: what the code writes, sound, complete and laid out.

What its queries find in a database is tested beside the marts: tests/test_marts.py.
"""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

HERE = Path(__file__).parent
GRAFANA = HERE.parent / "grafana"
SCHEMA = json.loads((HERE / "schemas" / "dashboard.json").read_text())
PAGES = {
    file.name: json.loads(file.read_text(encoding="utf-8"))
    for file in sorted((GRAFANA / "dashboards").glob("*.json"))
}
PANELS = [
    pytest.param(panel, id=f"{name}-{panel['id']}")
    for name, page in PAGES.items()
    for panel in page["panels"]
]
#: Okabe and Ito's colours, and greys: none that ends in 00, which Grafana would not draw in a bar.
PALETTE = {
    *("#E69F01", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E01", "#CC79A7"),
    *("#999999", "#555555"),
}


def values_of(key: str, node: Any) -> set[Any]:
    """All values of a key, however deep."""
    if isinstance(node, list):
        return {value for part in node for value in values_of(key, part)}
    if not isinstance(node, dict):
        return set()
    own = {node[key]} if isinstance(node.get(key), str) else set()
    return own | {value for part in node.values() for value in values_of(key, part)}


def test_the_files_are_what_the_code_writes() -> None:
    pytest.importorskip("grafana_foundation_sdk", reason="it needs Python 3.11")
    from health_dashboards.grafana.pages import written  # noqa: PLC0415

    on_disk = {
        file.name: file.read_text(encoding="utf-8")
        for file in (GRAFANA / "dashboards").glob("*.json")
    }
    assert on_disk == written(), "type: make dashboards"


def test_there_is_a_dashboard_for_each_question() -> None:
    assert {*PAGES} == {
        f"{name}.json" for name in ("overview", "sleep", "recovery", "workouts", "body", "pipeline")
    }


@pytest.mark.parametrize("name", PAGES)
def test_grafana_knows_every_key(name: str) -> None:
    jsonschema.validate(PAGES[name], SCHEMA, cls=jsonschema.Draft7Validator)


@pytest.mark.parametrize(
    ("key", "value"), [("timezone", 1), ("pannels", []), ("panels", [{"title": "of no type"}])]
)
def test_the_schema_refuses_what_is_unsound(key: str, value: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**PAGES["sleep.json"], key: value}, SCHEMA)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_dates_as_they_are_and_90_of_them(name: str) -> None:
    page = PAGES[name]
    assert page["timezone"] == "utc"
    assert page["time"] == {"from": "now-90d", "to": "now"}
    assert page["uid"] == f"health-{name.removesuffix('.json')}"
    assert page["title"].startswith("Health: ")
    assert page["description"].endswith((".", "health:status"))
    assert not page["editable"]
    assert len({panel["id"] for panel in page["panels"]}) == len(page["panels"])


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_explains_itself(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert len(panel["fieldConfig"]["defaults"]["noValue"]) > 20
    # Grafana writes the text into each cell without a value, too, unless that is said otherwise.
    cells = [
        override["properties"]
        for override in panel["fieldConfig"]["overrides"]
        if override["matcher"] == {"id": "byRegexp", "options": "/.*/"}
    ]
    assert bool(cells) == (panel["type"] != "stat")
    assert values_of("uid", panel) == {"health-postgres"}
    (target,) = panel["targets"]
    tables = re.findall(r"\b[Ff]rom ((?:marts|quality|meta)\.\w+)", panel["description"])
    assert tables
    assert all(table in target["rawSql"] for table in tables)
    # No panel has a zone of its own, beside the page's.
    assert "timezone" not in panel.get("options", {})


@pytest.mark.parametrize("panel", PANELS)
def test_colours_can_be_told_apart(panel: dict[str, Any]) -> None:
    used = values_of("fixedColor", panel) | {
        colour for colour in values_of("color", panel) if isinstance(colour, str)
    }
    steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
    assert used | {step["color"] for step in steps} <= PALETTE
    # What is coloured by a threshold says in words what it means.
    if panel["fieldConfig"]["defaults"].get("color") == {"mode": "thresholds"}:
        words = ("red", "Red", "orange", "Orange", "Amber")
        assert any(word in panel["description"] for word in words)


@pytest.mark.parametrize("panel", PANELS)
def test_a_gap_stays_a_gap(panel: dict[str, Any]) -> None:
    custom = panel["fieldConfig"]["defaults"].get("custom", {})
    assert not custom.get("spanNulls")
    if custom.get("drawStyle") == "line":
        assert custom["insertNulls"] == 24 * 60 * 60 * 1000


@pytest.mark.parametrize("name", PAGES)
def test_panels_fill_the_grid_and_lie_on_no_other(name: str) -> None:
    places = [panel["gridPos"] for panel in PAGES[name]["panels"]]
    for place in places:
        assert place["x"] + place["w"] <= 24
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)
    area = sum(place["w"] * place["h"] for place in places)
    assert area == 24 * max(place["y"] + place["h"] for place in places)


@pytest.mark.parametrize("name", PAGES)
def test_an_exposure_names_all_tables_of_a_page(name: str) -> None:
    text = (HERE.parents[1] / "transform" / "models" / "exposures.yml").read_text()
    exposures = {one["name"]: one for one in yaml.safe_load(text)["exposures"]}
    exposure = exposures[f"grafana_{name.removesuffix('.json')}"]
    page = PAGES[name]
    queries = " ".join(values_of("rawSql", page) | values_of("query", page))
    tables = re.findall(r"\b(?:marts|quality|meta)\.(\w+)", queries)
    assert exposure["depends_on"] == [f"ref('{table}')" for table in sorted({*tables})]
    assert exposure["label"] == f"Grafana, {page['title']}"


def test_values_lead_to_dashboards_that_exist() -> None:
    uids = {page["uid"] for page in PAGES.values()}
    links = {link for page in PAGES.values() for link in values_of("url", page["panels"])}
    assert links
    for link in links:
        assert link.partition("?")[0].removeprefix("/d/") in uids
        assert "${__url_time_range}" in link
        assert link.endswith("&${user:queryparam}")


def test_the_data_source_is_the_one_that_the_dashboards_name() -> None:
    text = (GRAFANA / "provisioning" / "datasources" / "health.yml").read_text()
    (source,) = yaml.safe_load(text)["datasources"]
    named = {value for page in PAGES.values() for value in values_of("type", page["annotations"])}
    assert source["uid"] == "health-postgres"
    assert source["type"] in named
    assert source["user"] == "health_reader"
    assert source["editable"] is False
    assert source["secureJsonData"] == {"password": "${HEALTH_READER_PASSWORD}"}
    assert source["url"] == "${TARGET_POSTGRES_HOST}:${TARGET_POSTGRES_PORT}"
    assert source["jsonData"]["database"] == "${TARGET_POSTGRES_DATABASE}"


def test_grafana_reads_the_folder_and_overwrites_nothing() -> None:
    text = (GRAFANA / "provisioning" / "dashboards" / "health.yml").read_text()
    (provider,) = yaml.safe_load(text)["providers"]
    assert provider["options"] == {"path": "/var/lib/grafana/dashboards"}
    assert provider["folder"]
    assert provider["allowUiUpdates"] is False
