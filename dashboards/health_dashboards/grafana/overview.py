"""How are the last days? The newest numbers, their course, and why one is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_dashboards.grafana import colours, empty_states, panels, units, words
from health_dashboards.grafana.page import person_page
from health_dashboards.grafana.queries import by_date, hours, newest_first
from health_dashboards.grafana.recovery import RECOVERY_BANDS, recovery_by_date
from health_dashboards.grafana.workouts import strain_by_date

if TYPE_CHECKING:
    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.models import dashboard as models

_NEWEST = "The newest day of the period that has one; behind it the days before."


def dashboard() -> models.Dashboard:
    """The first page."""
    return person_page(
        "overview",
        "Health: overview",
        "How the last days were, where each number is from, and why one is missing.",
        [*_newest(), _missing(), *_courses(), _days(), _events(), _agreement()],
    )


def _newest() -> list[Builder[models.Panel]]:
    return [
        panels.number(
            "Asleep",
            f"Time asleep in the night. {_NEWEST} From marts.daily_facts (asleep_s).",
            by_date(f'{hours("asleep_s")} as "Asleep"'),
            units.HOURS,
        )
        .decimals(1)
        .data_links(panels.leading_to("sleep", "Sleep")),
        panels.number(
            "Recovery",
            f"WHOOP's recovery, 0 to 100. {RECOVERY_BANDS} {_NEWEST} "
            "From marts.daily_facts (recovery_score).",
            by_date('recovery_score as "Recovery"'),
            units.PERCENT,
        )
        .color_scheme(colours.by_threshold())
        .thresholds(colours.steps(colours.VERMILLION, (34, colours.YELLOW), (67, colours.GREEN)))
        .data_links(panels.leading_to("recovery", "Recovery and strain")),
        panels.number(
            "HRV",
            "Heart rate variability in the night, as RMSSD: higher than your own usual is rested. "
            f"{_NEWEST} From marts.daily_facts (hrv_rmssd).",
            by_date('hrv_rmssd as "HRV"'),
            units.MILLISECONDS,
        )
        .decimals(0)
        .data_links(panels.leading_to("recovery", "Recovery and strain")),
        panels.number(
            "Resting heart rate",
            "Lower than your own usual is rested. "
            f"{_NEWEST} From marts.daily_facts (resting_heart_rate).",
            by_date('resting_heart_rate as "Resting heart rate"'),
            units.BEATS,
        )
        .decimals(0)
        .data_links(panels.leading_to("recovery", "Recovery and strain")),
        panels.number(
            "Steps",
            f"Steps of the day; today's still grow. {_NEWEST} From marts.daily_facts (steps).",
            by_date('steps as "Steps"'),
            units.STEPS,
        ).decimals(0),
        panels.number(
            "Weight",
            f"The last weigh-in of the day. {_NEWEST} From marts.daily_facts (body_weight).",
            by_date('body_weight as "Weight"'),
            units.KILOGRAMS,
        )
        .decimals(1)
        .no_value(empty_states.NO_WEIGH_IN)
        .data_links(panels.leading_to("body", "Body")),
    ]


def _missing() -> Builder[models.Panel]:
    return panels.states(
        "Why a day has no value",
        f"What is known of each part of each day. {words.WHY} From marts.daily_facts "
        "(sleep_status and so on); what was asked and when is in meta.coverage_ledger.",
        by_date(
            'sleep_status as "Sleep", recovery_status as "Recovery", '
            'activity_status as "Activity", workouts_status as "Workouts", '
            'body_status as "Body"'
        ),
    ).mappings(words.statuses())


def _courses() -> list[Builder[models.Panel]]:
    return [
        panels.lines(
            "Asleep and needed",
            "Time asleep in the night, and the sleep that the day took: baseline and strain, as "
            "WHOOP says. From marts.daily_facts (asleep_s, sleep_need_s).",
            by_date(f'{hours("asleep_s")} as "Asleep", {hours("sleep_need_s")} as "Needed"'),
            units.HOURS,
        )
        .min(0)
        .override_by_name("Needed", colours.only(colours.ORANGE)),
        recovery_by_date(),
        strain_by_date(),
        panels.bars(
            "Steps",
            "Steps of each day; where the source counts by cycle, of the cycle of that date. From "
            "marts.daily_facts (steps).",
            by_date('steps as "Steps"'),
            units.STEPS,
        ),
    ]


def _days() -> Builder[models.Panel]:
    return panels.listing(
        "Days, with the source of each number",
        "A row for each date, newest first; beside each number the vendor that told it, `several` "
        "where its parts are of different ones. From marts.daily_facts. Which record a number is "
        "made of is in marts.daily_fact_sources.",
        newest_first(
            f'{hours("asleep_s")} as "Asleep", sleep_source as "Asleep from", '
            'recovery_score as "Recovery", recovery_score_source as "Recovery from", '
            'hrv_rmssd as "HRV", hrv_rmssd_source as "HRV from", '
            'resting_heart_rate as "Resting heart rate", '
            'resting_heart_rate_source as "Resting heart rate from", '
            'steps as "Steps", steps_source as "Steps from", '
            'strain as "Strain", strain_source as "Strain from", '
            'workouts as "Workouts", workouts_source as "Workouts from", '
            'body_weight as "Weight", body_weight_source as "Weight from"'
        ),
        {
            "Asleep": units.HOURS,
            "Recovery": units.PERCENT,
            "HRV": units.MILLISECONDS,
            "Resting heart rate": units.BEATS,
            "Steps": units.STEPS,
            "Weight": units.KILOGRAMS,
        },
    ).mappings(words.sources())


def _events() -> Builder[models.Panel]:
    return (
        panels.listing(
            "What happened",
            "New time zones, and scores that the vendor gave otherwise later: the marks on the "
            "pictures. From marts.day_events; what each record said when is in "
            "meta.record_versions.",
            newest_first(
                'kind as "Kind", event_text as "What", changed_at as "Since"', "marts.day_events"
            ),
            {"Since": units.MOMENT},
        )
        .span(12)
        .no_value(empty_states.NO_EVENTS)
    )


def _agreement() -> Builder[models.Panel]:
    return (
        panels.listing(
            "Do the devices agree?",
            "Each metric that two devices told of, over all time, the preferred source or not. "
            "Bias is the first less the second on average; 95 of 100 differences lie between the "
            "limits. From marts.device_agreement.",
            'select metric as "Metric", ucum_unit as "Unit", source_a as "First", '
            'source_b as "Second", pairs as "Pairs", bias as "Bias", lower_limit as "From", '
            'upper_limit as "To"\n'
            "from marts.device_agreement\n"
            "where user_id = ${user:sqlstring}\n"
            "order by pairs desc, metric, contributor_a, contributor_b",
            {},
        )
        .span(12)
        .no_value(empty_states.NO_PAIRS)
    )
