"""Am I recovered, and what did the strain cost?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_dashboards.grafana import colours, panels, units, words
from health_dashboards.grafana.page import person_page
from health_dashboards.grafana.queries import by_date
from health_dashboards.grafana.workouts import load_by_date, ratio_by_date, strain_by_date

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import timeseries
    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.models import dashboard as models

RECOVERY_BANDS = (
    "Bands are WHOOP's: below 34 rest (red), 34 to 66 adequate (yellow), from 67 ready (green)."
)

_BANDS = {
    "Rest": ("recovery_score < 34", colours.VERMILLION),
    "Adequate": ("recovery_score >= 34 and recovery_score < 67", colours.YELLOW),
    "Ready": ("recovery_score >= 67", colours.GREEN),
}


def dashboard() -> models.Dashboard:
    """The night's readings, and the load that they answer to."""
    return person_page(
        "recovery",
        "Health: recovery and strain",
        "What the nights say about readiness, and what the days asked of it.",
        [
            recovery_by_date(),
            strain_by_date(),
            *_readings(),
            load_by_date(),
            ratio_by_date(),
            _known(),
        ],
    )


def recovery_by_date() -> timeseries.Panel:
    """Bars in the colours of WHOOP's bands; each band is a column, so that a bar has one colour."""
    columns = ",\n  ".join(
        f'case when {condition} then recovery_score end as "{name}"'
        for name, (condition, _) in _BANDS.items()
    )
    panel = panels.stacked(
        panels.bars(
            "Recovery",
            f"WHOOP's recovery, 0 to 100. {RECOVERY_BANDS} From marts.daily_facts "
            "(recovery_score).",
            by_date(columns),
            units.PERCENT,
        )
    )
    for name, (_, colour) in _BANDS.items():
        panel.override_by_name(name, colours.only(colour))
    return panel.max(100)


def _readings() -> list[Builder[models.Panel]]:
    return [
        _reading(
            "HRV",
            "hrv_rmssd",
            units.MILLISECONDS,
            "Heart rate variability in the night, as RMSSD: above your usual is rested.",
        ),
        _reading(
            "Resting heart rate",
            "resting_heart_rate",
            units.BEATS,
            "Below your usual is rested; several days above it are strain, drink or an infection.",
        ),
        _reading(
            "Breaths",
            "respiratory_rate",
            units.BREATHS,
            "Breaths a minute in the night; it hardly changes while you are well.",
        ),
        _reading(
            "Skin temperature",
            "skin_temperature",
            units.CELSIUS,
            "At the wrist in the night: only the change against your usual says something.",
        ),
        panels.ruled(
            panels.lines(
                "Oxygen saturation",
                "In the night. Wrists measure it roughly: look at nights in a row. The dashed line "
                "is at 95 percent, the lower end of what is usual at sea level. From "
                "marts.daily_facts (spo2).",
                by_date('spo2 as "Oxygen saturation"'),
                units.PERCENT,
            ).thresholds(colours.steps(colours.ORANGE, (95, colours.GREEN)))
        )
        .axis_soft_min(90)
        .max(100),
        panels.lines(
            "Recovery against strain",
            "Recovery by strain of the same date, both as a share of their scale (100 and 21): "
            "where strain stays above recovery, the days ask more than the nights give. From "
            "marts.daily_facts (recovery_score, strain).",
            by_date('recovery_score as "Recovery", 100.0 * strain / 21 as "Strain, share of 21"'),
            units.PERCENT,
        )
        .min(0)
        .max(100)
        .override_by_name("Recovery", colours.only(colours.GREEN)),
    ]


def _reading(title: str, column: str, unit: str, description: str) -> timeseries.Panel:
    """A reading of each night, and the mean of the 30 dates before as what is usual."""
    usual = f"case when count({column}) over month >= 10 then avg({column}) over month end as usual"
    table = (
        f"(\n  select user_id, local_date, {column}, {usual}\n"  # noqa: S608 (all of it is ours)
        "  from marts.daily_facts\n"
        "  window month as (partition by user_id order by local_date "
        "rows between 30 preceding and 1 preceding)\n"
        ") as days"
    )
    return panels.lines(
        title,
        f"{description} Usual is the mean of the 30 dates before, of at least ten that are known. "
        f"From marts.daily_facts ({column}).",
        by_date(f'{column} as "{title}", usual as "Usual"', table),
        unit,
    ).override_by_name("Usual", colours.only(colours.GREY))


def _known() -> Builder[models.Panel]:
    columns = {
        "Recovery from": "recovery_score_source",
        "HRV from": "hrv_rmssd_source",
        "Resting heart rate from": "resting_heart_rate_source",
        "Breaths from": "respiratory_rate_source",
        "Oxygen from": "spo2_source",
        "Skin temperature from": "skin_temperature_source",
        "Strain from": "strain_source",
    }
    said = ", ".join(f'{column} as "{title}"' for title, column in columns.items())
    return (
        panels.states(
            "What is known of each day, and from whom",
            f"{words.WHY} Sources: blue is WHOOP, orange Withings, purple several. From "
            "marts.daily_facts (recovery_status, and the column _source of each number).",
            by_date(f'recovery_status as "Recovery", activity_status as "Activity", {said}'),
        )
        .height(9)
        .mappings([*words.statuses(), *words.sources()])
    )
