"""Do I sleep enough, well and regularly?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_dashboards.grafana import colours, empty_states, panels, units, words
from health_dashboards.grafana.page import person_page
from health_dashboards.grafana.queries import by_date, hours, newest_first, over_period

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.models import dashboard as models

#: Seconds after the midnight at which the date of waking begins; before it they are negative.
_SINCE_MIDNIGHT = "extract(epoch from {} - local_date::timestamp)"
_OWED = by_date(f'{hours("debt_14d_s")} as "Owed"', "marts.sleep_debt")
_DEBT = "Amber from 5 hours owed in 14 days, red from 10: about 20 and 40 minutes a night."


def dashboard() -> models.Dashboard:
    """Nights, naps and what is owed."""
    return person_page(
        "sleep",
        "Health: sleep",
        "Whether the nights are long enough, good and regular. A night has the date of waking.",
        [*_figures(), _known(), *_courses(), _nights()],
    )


def _figures() -> list[Builder[models.Panel]]:
    return [
        panels.number(
            "Owed",
            "Sleep needed less slept, over the 14 dates up to the newest; naps count as slept, and "
            f"with fewer than ten known nights there is no sum. {_DEBT} From marts.sleep_debt "
            "(debt_14d_s).",
            _OWED,
            units.HOURS,
        )
        .decimals(1)
        .color_scheme(colours.by_threshold())
        .thresholds(_owed_too_much())
        .no_value(empty_states.TOO_FEW_DAYS),
        *(
            panels.count(
                title,
                f"{description} Over the known nights of the period. From marts.daily_facts.",
                over_period(f'{columns} as "{title}"'),
                unit,
            )
            .decimals(decimals)
            .no_value(empty_states.NO_NIGHTS)
            for title, description, columns, unit, decimals in (
                ("Mean asleep", "Time asleep in a night.", hours("avg(asleep_s)"), units.HOURS, 1),
                (
                    "Mean efficiency",
                    "Time asleep by time in bed.",
                    "avg(efficiency_pct)",
                    units.PERCENT,
                    0,
                ),
                (
                    "Mean deep and REM",
                    "The stages that restore.",
                    hours("avg(deep_s + rem_s)"),
                    units.HOURS,
                    1,
                ),
                (
                    "Bedtime varies by",
                    "Standard deviation of the time of going to bed, on the local clock.",
                    f"stddev_samp({_SINCE_MIDNIGHT.format('bed_local')}) / 60.0",
                    units.MINUTES,
                    0,
                ),
                (
                    "Nights known",
                    "Share of the dates that have an observed night.",
                    "100.0 * count(asleep_s) / nullif(count(*), 0)",
                    units.PERCENT,
                    0,
                ),
            )
        ),
    ]


def _owed_too_much() -> ThresholdsConfig:
    return colours.steps(colours.GREEN, (5, colours.ORANGE), (10, colours.VERMILLION))


def _known() -> Builder[models.Panel]:
    return (
        panels.states(
            "What is known of each night, and from whom",
            f"{words.WHY} Sources: blue is WHOOP, orange Withings, purple several. From "
            "marts.daily_facts (sleep_status, sleep_source, nap_source, sleep_need_s_source).",
            by_date(
                'sleep_status as "Night", sleep_source as "Night from", '
                'nap_source as "Naps from", sleep_need_s_source as "Need from"'
            ),
        )
        .height(6)
        .mappings([*words.statuses(), *words.sources()])
    )


def _courses() -> list[Builder[models.Panel]]:
    return [
        panels.stacked(
            panels.bars(
                "Stages of the night",
                "Deep, REM and light sleep, and awake in bed; where the source tells no stages, "
                "there is no bar. From marts.daily_facts (deep_s, rem_s, light_s, awake_s).",
                by_date(
                    f'{hours("deep_s")} as "Deep", {hours("rem_s")} as "REM", '
                    f'{hours("light_s")} as "Light", {hours("awake_s")} as "Awake"'
                ),
                units.HOURS,
            )
        )
        .override_by_name("REM", colours.only(colours.PURPLE))
        .override_by_name("Light", colours.only(colours.SKY))
        .override_by_name("Awake", colours.only(colours.ORANGE)),
        panels.lines(
            "Slept and needed",
            "Slept with naps, against what the day took: as WHOOP says (`vendor`), said last "
            "(`last_known`), or eight hours (`default`). From marts.sleep_debt (slept_s, need_s).",
            by_date(
                f'{hours("slept_s")} as "Slept", {hours("need_s")} as "Needed"', "marts.sleep_debt"
            ),
            units.HOURS,
        )
        .min(0)
        .override_by_name("Needed", colours.only(colours.ORANGE)),
        panels.lines(
            "To bed and up",
            "On the local clock of then, as hours after midnight of the date of waking: -1.5 is "
            "half past ten in the evening. From marts.daily_facts (bed_local, wake_local).",
            by_date(
                f'{hours(_SINCE_MIDNIGHT.format("bed_local"))} as "To bed",\n'
                f'  {hours(_SINCE_MIDNIGHT.format("wake_local"))} as "Up"'
            ),
            units.HOURS,
        ).override_by_name("Up", colours.only(colours.ORANGE)),
        panels.ruled(
            panels.lines(
                "Owed in 14 days",
                f"The sum of what was needed less what was slept. {_DEBT} A gap has fewer than ten "
                "known nights. From marts.sleep_debt (debt_14d_s).",
                _OWED,
                units.HOURS,
            ).thresholds(_owed_too_much())
        ).no_value(empty_states.TOO_FEW_DAYS),
        panels.lines(
            "Efficiency",
            "Time asleep by time in bed; of a split night the mean, weighted by the time in bed. "
            "From marts.daily_facts (efficiency_pct).",
            by_date('efficiency_pct as "Efficiency"'),
            units.PERCENT,
        ).max(100),
        panels.stacked(
            panels.bars(
                "Naps",
                "Time asleep in naps; zero is known, no bar may be unknown: see the row above. "
                "From marts.daily_facts (nap_asleep_s).",
                by_date('nap_asleep_s / 60.0 as "Asleep in naps"'),
                units.MINUTES,
            )
        ),
    ]


def _nights() -> Builder[models.Panel]:
    return (
        panels.listing(
            "Nights",
            "Newest first, with the vendor that told of each. Times are on the local clock of "
            "then. From marts.daily_facts.",
            newest_first(
                'sleep_status as "Night", sleep_source as "From", '
                "to_char(bed_local, 'HH24:MI') as \"To bed\", "
                "to_char(wake_local, 'HH24:MI') as \"Up\", "
                f'{hours("in_bed_s")} as "In bed", {hours("asleep_s")} as "Asleep", '
                'efficiency_pct as "Efficiency", '
                'respiratory_rate as "Breaths", night_sleeps as "Parts", naps as "Naps"'
            ),
            {
                "In bed": units.HOURS,
                "Asleep": units.HOURS,
                "Efficiency": units.PERCENT,
                "Breaths": units.BREATHS,
            },
        )
        .mappings([*words.statuses(), *words.sources()])
        .no_value(empty_states.NO_NIGHTS)
    )
