"""What did I do, and is it more than I am used to?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_dashboards.grafana import colours, empty_states, panels, units, words
from health_dashboards.grafana.page import person_page
from health_dashboards.grafana.queries import by_date, hours, over_period

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import timeseries
    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.models import dashboard as models

#: The duration of one workout, in seconds, from the rows that its facts are made of.
_DURATION = "max(value_num) filter (where metric = 'workout_duration_s')"


def dashboard() -> models.Dashboard:
    """Workouts, their energy, and the load that they add up to."""
    return person_page(
        "workouts",
        "Health: workouts",
        "What was done, and whether it is more than the body is used to.",
        [*_figures(), _known(), _energy(), _time(), load_by_date(), ratio_by_date(), _list()],
    )


def strain_by_date() -> timeseries.Panel:
    """Bars on WHOOP's scale."""
    return panels.bars(
        "Strain",
        "WHOOP's strain of the cycle of each date, 0 to 21. It is not linear: from 18 on little is "
        "left to add. From marts.daily_facts (strain).",
        by_date('strain as "Strain"'),
        units.SCORE,
    ).max(21)


def load_by_date() -> timeseries.Panel:
    """The energy of workouts as two means."""
    return (
        panels.lines(
            "Training load",
            "Energy of the workouts as a mean of 7 dates and of 28. Rest days are zero, unknown "
            "days are left out; a gap has fewer than 5 of 7 or 20 of 28 known. From "
            "marts.training_load (acute_load_kj, chronic_load_kj).",
            by_date(
                'acute_load_kj as "Of 7 days", chronic_load_kj as "Of 28 days"',
                "marts.training_load",
            ),
            units.KILOJOULES_A_DAY,
        )
        .min(0)
        .override_by_name("Of 28 days", colours.only(colours.GREY))
        .no_value(empty_states.TOO_FEW_DAYS)
    )


def ratio_by_date() -> timeseries.Panel:
    """The two means by each other."""
    return panels.ruled(
        panels.lines(
            "More than usual?",
            "The load of 7 dates by that of 28. Around 1 is what you are used to; the dashed lines "
            "at 0.8 and 1.3 are a rule of thumb of sports medicine, not a limit. From "
            "marts.training_load (acute_chronic_ratio).",
            by_date('acute_chronic_ratio as "Ratio"', "marts.training_load"),
            units.RATIO,
        )
        .decimals(2)
        .thresholds(colours.steps(colours.SKY, (0.8, colours.GREEN), (1.3, colours.ORANGE)))
    ).no_value(empty_states.TOO_FEW_DAYS)


def _figures() -> list[Builder[models.Panel]]:
    period = "In the period; days of which nothing is known are left out. From marts.daily_facts"
    return [
        panels.count(
            title,
            f"{description} {period} ({column}).",
            over_period(f'{expression} as "{title}"'),
            unit,
        )
        .decimals(0)
        .no_value(empty_states.NO_WORKOUTS)
        .span(6)
        for title, description, column, expression, unit in (
            (
                "Workouts",
                "How many began, saunas and ice baths included.",
                "workouts",
                "sum(workouts)",
                units.COUNT,
            ),
            (
                "Time",
                "How long they took together.",
                "workout_duration_s",
                hours("sum(workout_duration_s)"),
                units.HOURS,
            ),
            (
                "Energy",
                "What they took together, saunas and ice baths left out.",
                "workout_energy_kj",
                "sum(workout_energy_kj) / 1000.0",
                units.MEGAJOULES,
            ),
            (
                "Days with a workout",
                "Share of the dates of which it is known.",
                "workouts",
                "100.0 * count(nullif(workouts, 0)) / nullif(count(workouts), 0)",
                units.PERCENT,
            ),
        )
    ]


def _known() -> Builder[models.Panel]:
    return (
        panels.states(
            "What is known of each day, and from whom",
            f"{words.WHY} Sources: blue is WHOOP, orange Withings, purple several. From "
            "marts.daily_facts (workouts_status, workouts_source).",
            by_date('workouts_status as "Workouts", workouts_source as "Workouts from"'),
        )
        .height(5)
        .mappings([*words.statuses(), *words.sources()])
    )


def _energy() -> Builder[models.Panel]:
    return panels.bars(
        "Energy of workouts",
        "Of each date; no bar is a day of rest or an unknown one: see the row above. From "
        "marts.daily_facts (workout_energy_kj).",
        by_date('workout_energy_kj as "Energy"'),
        units.KILOJOULES,
    )


def _time() -> Builder[models.Panel]:
    return panels.bars(
        "Time of workouts",
        "Of each date. From marts.daily_facts (workout_duration_s).",
        by_date(f'{hours("workout_duration_s")} as "Time"'),
        units.HOURS,
    )


def _list() -> Builder[models.Panel]:
    return (
        panels.listing(
            "Workouts",
            "Newest first, each with its vendor; of a workout that two devices recorded, the "
            "preferred one. Times are on the local clock of then. From marts.daily_fact_sources; "
            "the kind of sport is in canonical.workouts, which dashboards do not read.",
            "select\n"
            "  to_char(local_date, 'YYYY-MM-DD') as \"Date\",\n"
            "  to_char(min(started_local), 'HH24:MI') as \"Began\",\n"
            "  to_char(max(ended_local), 'HH24:MI') as \"Ended\",\n"
            f'  {hours(_DURATION)} as "Time",\n'
            "  max(value_num) filter (where metric = 'workout_energy_kj') as \"Energy\",\n"
            '  source_system as "From",\n'
            '  max(score_state) as "Scored"\n'
            "from marts.daily_fact_sources\n"
            "where user_id = ${user:sqlstring} and $__timeFilter(local_date)\n"
            "  and metric in ('workouts', 'workout_duration_s', 'workout_energy_kj')\n"
            "group by local_date, canonical_key, source_system\n"
            "order by local_date desc, min(started_local) desc, canonical_key",
            {"Time": units.HOURS, "Energy": units.KILOJOULES},
        )
        .mappings(words.sources())
        .no_value(empty_states.NO_WORKOUTS)
    )
