"""Is everything synced, and if not, why?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_dashboards.grafana import colours, empty_states, panels, units
from health_dashboards.grafana.page import installation_page
from health_dashboards.grafana.pipeline_lists import (
    errors,
    findings,
    gaps,
    grants,
    held_deletions,
    streams,
)

if TYPE_CHECKING:
    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.models import dashboard as models

_TODAY = "($__timeTo()::timestamptz at time zone 'UTC')::date"
_BY_DAY = (
    "select\n  {day}::timestamp as time,\n  {columns}\nfrom {table}\n"
    "where $__timeFilter({day})\ngroup by {day}\norder by {day}"
)


def dashboard() -> models.Dashboard:
    """Streams, windows, requests, gaps, deletions and findings of all accounts."""
    return installation_page(
        "pipeline",
        "Health: pipeline",
        "Whether everything is synced, and if not, why. The same in words, with what to do: "
        "meltano invoke health:status",
        [
            *_figures(),
            streams(),
            _windows(),
            _requests(),
            _unknown_days(),
            _odd_days(),
            gaps(),
            errors(),
            held_deletions(),
            findings(),
            grants(),
        ],
    )


def _figures() -> list[Builder[models.Panel]]:
    return [
        panels.count(
            "Oldest account",
            "Time since the last success of the account that has waited longest, by the clock of "
            "the database. Schedules sync every 15 minutes: orange from 26 hours, as "
            "`health:status --max-age 26`, red from 3 days. From meta.sync_status (lag_s).",
            'select max(lag_s) as "Oldest account" from (\n'
            "  select min(lag_s) as lag_s from meta.sync_status "
            "group by source_system, account_alias\n) as accounts",
            units.AGE,
        )
        .decimals(1)
        .color_scheme(colours.by_threshold())
        .thresholds(
            colours.steps(colours.GREEN, (93_600, colours.ORANGE), (259_200, colours.VERMILLION))
        )
        .no_value(empty_states.NOT_SYNCED),
        _alarm(
            "Failed streams",
            "Streams whose last window failed, of those that are still read. What to do: "
            "meltano invoke health:status. From meta.sync_status (last_status).",
            'select count(*) as "Failed streams" from (\n'
            "  select last_status, greatest(last_success_at, last_failure_at) as tried_at,\n"
            "    max(greatest(last_success_at, last_failure_at)) over (partition by source_system)"
            " as newest_at\n"
            "  from meta.sync_status\n) as streams\n"
            "where last_status = 'failed' and tried_at >= newest_at - interval '1 day'",
        ),
        _alarm(
            "Held deletions",
            "Records that are gone at the vendor and stay until you agree: see the list below. "
            "From meta.held_deletions.",
            'select coalesce(sum(records), 0) as "Held deletions" from meta.held_deletions',
        ),
        _alarm(
            "Days without an answer",
            "Days of a stream that failed, or were not asked for, in the period, but for those "
            "that are not over yet: see the list below. From meta.coverage_ledger (status).",
            'select count(*) as "Days without an answer" from (\n'
            "  select status, local_date,\n"
            "    max(local_date) over (partition by source_system, source_account_id) as newest\n"
            "  from meta.coverage_ledger\n) as ledger\n"
            "where $__timeFilter(local_date)\n"
            "  and (status = 'failed' or status = 'not_yet_asked' and local_date < newest)",
        ),
        _quota(
            "whoop",
            "WHOOP requests today",
            "Of 10,000 a day that WHOOP allows an app, all accounts together: orange from 8,000, "
            "red at the end. It also allows 100 a minute; the tap keeps to 95 "
            "(requests_per_minute).",
        )
        .max(10_000)
        .color_scheme(colours.by_threshold())
        .thresholds(
            colours.steps(colours.GREEN, (8_000, colours.ORANGE), (10_000, colours.VERMILLION))
        ),
        _quota(
            "withings",
            "Withings requests today",
            "Withings allows 120 a minute and names no limit for a day; the tap keeps to 110 "
            "(requests_per_minute).",
        ),
    ]


def _alarm(title: str, description: str, sql: str) -> Builder[models.Panel]:
    return (
        panels.count(title, f"{description} Red is any.", sql, units.COUNT)
        .color_scheme(colours.by_threshold())
        .thresholds(colours.steps(colours.GREEN, (1, colours.VERMILLION)))
        .no_value(empty_states.NOT_SYNCED)
    )


def _quota(source: str, title: str, description: str) -> Builder[models.Panel]:
    return panels.count(
        title,
        f"{description} Counted by the sync log, on the last day of the period in UTC; logins and "
        "renewals of grants are not in it. From meta.sync_days (requests).",
        f'select coalesce(sum(requests), 0) as "{title}" from meta.sync_days\n'  # noqa: S608
        f"where source_system = '{source}' and synced_date = {_TODAY}",
        units.STEPS,
    ).no_value(empty_states.NOT_SYNCED)


def _windows() -> Builder[models.Panel]:
    return (
        panels.stacked(
            panels.bars(
                "Windows read",
                "Windows that were read in full, and those that failed, on each day, UTC. No bar: "
                "nothing was run. From meta.sync_days (windows).",
                _BY_DAY.format(
                    day="synced_date",
                    table="meta.sync_days",
                    columns="sum(windows) filter (where status = 'complete') as \"Complete\",\n"
                    "  sum(windows) filter (where status = 'failed') as \"Failed\"",
                ),
                units.COUNT,
            )
        )
        .decimals(0)
        .override_by_name("Complete", colours.only(colours.GREEN))
        .override_by_name("Failed", colours.only(colours.VERMILLION))
        .no_value(empty_states.NOT_SYNCED)
    )


def _requests() -> Builder[models.Panel]:
    return (
        panels.ruled(
            panels.bars(
                "Requests",
                "Requests to each vendor on each day, UTC, retries included. The dashed line is "
                "WHOOP's 10,000 a day. From meta.sync_days (requests).",
                _BY_DAY.format(
                    day="synced_date",
                    table="meta.sync_days",
                    columns="sum(requests) filter (where source_system = 'whoop') as \"WHOOP\",\n"
                    "  sum(requests) filter (where source_system = 'withings') as \"Withings\"",
                ),
                units.STEPS,
            ).thresholds(colours.steps(colours.GREEN, (10_000, colours.VERMILLION)))
        )
        .override_by_name("WHOOP", colours.only(colours.BLUE))
        .override_by_name("Withings", colours.only(colours.ORANGE))
        .no_value(empty_states.NOT_SYNCED)
    )


def _unknown_days() -> Builder[models.Panel]:
    reasons = {
        "Failed": ("failed", colours.VERMILLION),
        "Not asked yet": ("not_yet_asked", colours.ORANGE),
        "Not scored yet": ("pending_score", colours.YELLOW),
        "Deleted": ("deleted", colours.PURPLE),
    }
    columns = ",\n  ".join(
        f"count(*) filter (where status = '{status}') as \"{title}\""
        for title, (status, _) in reasons.items()
    )
    panel = panels.stacked(
        panels.bars(
            "Gaps, by reason",
            "How many streams have no answer for a date, and why; today is never over. Dates that "
            "were received, or are known to be empty, are no gaps. From meta.coverage_ledger "
            "(status).",
            _BY_DAY.format(day="local_date", table="meta.coverage_ledger", columns=columns),
            units.COUNT,
        ).decimals(0)
    ).no_value(empty_states.NOT_SYNCED)
    for title, (_, colour) in reasons.items():
        panel.override_by_name(title, colours.only(colour))
    return panel


def _odd_days() -> Builder[models.Panel]:
    return (
        panels.stacked(
            panels.bars(
                "Findings",
                "Rows that cannot be true or may be somebody else's (rejects, in no mart), and odd "
                "ones (warnings), on each date. From quality.summary.",
                _BY_DAY.format(
                    day="local_date",
                    table="quality.summary",
                    columns='sum(rejects) as "Rejects", sum(warnings) as "Warnings"',
                ),
                units.COUNT,
            )
        )
        .decimals(0)
        .override_by_name("Rejects", colours.only(colours.VERMILLION))
        .override_by_name("Warnings", colours.only(colours.YELLOW))
        .no_value(empty_states.NOT_SYNCED)
    )
