"""Where is my weight going, and what else did the scale and the cuff say?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_dashboards.grafana import colours, empty_states, panels, units, words
from health_dashboards.grafana.page import person_page
from health_dashboards.grafana.queries import by_date, newest_first

if TYPE_CHECKING:
    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.models import dashboard as models

#: Dates without a weigh-in stay in, so that no line leads over them.
_WEIGHT = """(
  select user_id, local_date, weight_kg, is_outlier, trend_kg, change_per_week_kg
  from marts.daily_facts left join marts.weight_trend using (user_id, local_date)
) as days"""


def dashboard() -> models.Dashboard:
    """Weigh-ins, their trend, and all other newest values."""
    return person_page(
        "body",
        "Health: body",
        "Where the weight is going, and what was measured last.",
        [*_figures(), _known(), _weight(), _fat(), _weigh_ins(), _newest()],
    )


def _figures() -> list[Builder[models.Panel]]:
    return [
        panels.number(
            "Weight",
            "The newest weigh-in of the period. From marts.weight_trend (weight_kg).",
            by_date('weight_kg as "Weight"', "marts.weight_trend"),
            units.KILOGRAMS,
        )
        .span(6)
        .decimals(1)
        .no_value(empty_states.NO_WEIGH_IN),
        panels.number(
            "Trend",
            "The mean of the weigh-ins of 60 days, each weighing half as much with every week of "
            "age. From marts.weight_trend (trend_kg).",
            by_date('trend_kg as "Trend"', "marts.weight_trend"),
            units.KILOGRAMS,
        )
        .span(6)
        .decimals(1)
        .no_value(empty_states.NO_WEIGH_IN),
        panels.number(
            "Change",
            "How fast the trend changes, against the newest weigh-in that is 7 to 28 days older. "
            "Orange is faster than 1 kg a week, up or down: more than fat can change. From "
            "marts.weight_trend (change_per_week_kg).",
            by_date('change_per_week_kg as "Change"', "marts.weight_trend"),
            units.KILOGRAMS_A_WEEK,
        )
        .span(6)
        .decimals(2)
        .color_scheme(colours.by_threshold())
        .thresholds(colours.steps(colours.ORANGE, (-1, colours.BLUE), (1, colours.ORANGE)))
        .no_value(empty_states.NO_WEIGH_IN),
        panels.number(
            "Body fat",
            "The newest of the period, as the scale estimates it. From marts.daily_facts "
            "(body_fat_pct).",
            by_date('body_fat_pct as "Body fat"'),
            units.PERCENT,
        )
        .span(6)
        .decimals(1)
        .no_value(empty_states.NO_WEIGH_IN),
    ]


def _known() -> Builder[models.Panel]:
    return (
        panels.states(
            "What is known of each day, and from whom",
            f"{words.WHY} Sources: blue is WHOOP, orange Withings, purple several. From "
            "marts.daily_facts (body_status, body_weight_source, body_fat_pct_source).",
            by_date(
                'body_status as "Weigh-in", body_weight_source as "Weight from", '
                'body_fat_pct_source as "Body fat from"'
            ),
        )
        .height(5)
        .mappings([*words.statuses(), *words.sources()])
    )


def _weight() -> Builder[models.Panel]:
    return (
        panels.lines(
            "Weight",
            "Each weigh-in, its trend, and what is 5 percent off those around it and so is "
            "somebody else's: that bears on no trend. Lines join days in a row only. From "
            "marts.weight_trend (weight_kg, trend_kg, is_outlier).",
            by_date(
                'case when not is_outlier then weight_kg end as "Weigh-in", '
                'trend_kg as "Trend", '
                'case when is_outlier then weight_kg end as "Somebody else\'s"',
                _WEIGHT,
            ),
            units.KILOGRAMS,
        )
        .override_by_name("Weigh-in", colours.only(colours.SKY))
        .override_by_name("Trend", colours.only(colours.BLUE))
        .override_by_name("Somebody else's", colours.only(colours.VERMILLION))
        .no_value(empty_states.NO_WEIGH_IN)
    )


def _fat() -> Builder[models.Panel]:
    return panels.lines(
        "Body fat",
        "As the scale estimates it from the skin's resistance: it moves with what you drank. From "
        "marts.daily_facts (body_fat_pct).",
        by_date('body_fat_pct as "Body fat"'),
        units.PERCENT,
    ).no_value(empty_states.NO_WEIGH_IN)


def _weigh_ins() -> Builder[models.Panel]:
    return (
        panels.listing(
            "Weigh-ins",
            "Newest first, with the vendor. From marts.weight_trend.",
            newest_first(
                'weight_kg as "Weight", weight_source as "From", trend_kg as "Trend", '
                'change_per_week_kg as "Change", days_since_previous as "Days since the last", '
                'is_outlier as "Somebody else\'s"',
                "marts.weight_trend",
            ),
            {
                "Weight": units.KILOGRAMS,
                "Trend": units.KILOGRAMS,
                "Change": units.KILOGRAMS_A_WEEK,
            },
        )
        .span(12)
        .mappings(words.sources())
        .no_value(empty_states.NO_WEIGH_IN)
    )


def _newest() -> Builder[models.Panel]:
    return (
        panels.listing(
            "What was measured last",
            "The newest value of each metric in the 90 days before the person's newest one, with "
            "vendor and device, whatever the period. From marts.recent_measurements.",
            'select metric_code as "Metric", coalesce(value_num::text, value_text) as "Value", '
            'ucum_unit as "Unit", to_char(measured_local, \'YYYY-MM-DD HH24:MI\') as "Measured", '
            'source_system as "From", device_model as "Device"\n'
            "from marts.recent_measurements\n"
            "where user_id = ${user:sqlstring} and is_newest\n"
            "order by category, metric_code, observation_key",
            {},
        )
        .span(12)
        .mappings(words.sources())
        .no_value(empty_states.NOT_SYNCED)
    )
