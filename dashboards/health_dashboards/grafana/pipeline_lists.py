"""The lists of the dashboard about the pipeline: what is behind its figures, and what to type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_dashboards.grafana import empty_states, panels, units, words

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import table


def streams() -> table.Panel:
    """How each stream stands."""
    return panels.listing(
        "Streams",
        "How each stream of each account stands now, the longest unread first. Times are UTC. What "
        "is not read any more, because it was deselected, stays as it was. From meta.sync_status.",
        'select source_system as "Source", account_alias as "Account", stream as "Stream", '
        'lag_s as "Since the last success", newest_record_at as "Newest record", rows as "Rows", '
        'deleted_rows as "Deleted", last_status as "Last window", last_error as "Last error", '
        'last_failure_at as "Last failure"\n'
        "from meta.sync_status\n"
        "order by lag_s desc nulls first, source_system, account_alias, stream",
        {
            "Since the last success": units.AGE,
            "Newest record": units.MOMENT,
            "Last failure": units.MOMENT,
        },
    ).no_value(empty_states.NOT_SYNCED)


def gaps() -> table.Panel:
    """Days that are missing, together."""
    return (
        panels.listing(
            "Gaps",
            "Dates of the period that have no answer, together by reason. What to do: "
            "meltano invoke health:status. From meta.coverage_ledger.",
            'select source_system as "Source", account_alias as "Account", stream as "Stream", '
            'status as "Why", error as "Error", count(*) as "Days", '
            "to_char(min(local_date), 'YYYY-MM-DD') as \"First\", "
            "to_char(max(local_date), 'YYYY-MM-DD') as \"Last\"\n"
            "from meta.coverage_ledger\n"
            "where $__timeFilter(local_date) and status not in ('received', 'nothing_recorded')\n"
            "group by source_system, account_alias, stream, status, error\n"
            "order by max(local_date) desc, source_system, account_alias, stream, status, error",
            {},
        )
        .height(6)
        .mappings(words.statuses())
        .no_value(empty_states.NO_GAPS)
    )


def errors() -> table.Panel:
    """Windows that failed, by class of error."""
    return (
        panels.listing(
            "Errors",
            "Windows that failed in the period, by day in UTC and class of error. What each class "
            "means, and what to do: meltano invoke health:status. From meta.sync_days (error).",
            "select to_char(synced_date, 'YYYY-MM-DD') as \"Day\", "
            'source_system as "Source", account_alias as "Account", stream as "Stream", '
            'error as "Error", windows as "Windows", last_synced_at as "Last"\n'
            "from meta.sync_days\n"
            "where $__timeFilter(synced_date) and status = 'failed'\n"
            "order by synced_date desc, source_system, account_alias, stream, error",
            {"Last": units.MOMENT},
        )
        .height(6)
        .no_value(empty_states.NO_ERRORS)
    )


def held_deletions() -> table.Panel:
    """What waits for a word of the user's."""
    return (
        panels.listing(
            "Deletions that wait for you",
            "Too many at once, or missing in an empty answer alone: look into the vendor's app, "
            "and if they are gone there, type the command. From meta.held_deletions.",
            'select source_system as "Source", stream as "Stream", records as "Records", '
            'oldest as "Oldest", newest as "Newest", reason as "Why", '
            "'HEALTH_CONFIRM_DELETIONS=' || confirm_with || ' meltano run dbt:build' as \"Type\"\n"
            "from meta.held_deletions\n"
            "order by source_system, stream, source_account_id, reason",
            {"Oldest": units.MOMENT, "Newest": units.MOMENT},
        )
        .height(6)
        .no_value(empty_states.NO_HELD)
    )


def findings() -> table.Panel:
    """What the models do not trust."""
    return panels.listing(
        "Findings",
        "The newest 100 of the period, with the reason in words; a reject is in no mart. From "
        "quality.rejects.",
        'select to_char(local_date, \'YYYY-MM-DD\') as "Date", user_id as "Person", '
        'source_system as "Source", entity as "Table", severity as "Severity", '
        'rule as "Rule", reason as "Reason"\n'
        "from quality.rejects\n"
        "where $__timeFilter(local_date)\n"
        "order by local_date desc, reject_key\n"
        "limit 100",
        {},
    ).no_value(empty_states.NO_FINDINGS)


def grants() -> table.Panel:
    """Where to see what the database does not know."""
    return (
        panels.listing(
            "Grants",
            "When a grant ends is not in the database: grants are in a store of their own, and "
            "renew themselves. The command shows them, and a login ends every trouble with one. "
            "Accounts from meta.sync_status.",
            'select source_system as "Source", account_alias as "Account", '
            'max(last_success_at) as "Last success", '
            "'meltano invoke tap-' || source_system || ':status' as \"To see the grant\", "
            "'meltano invoke tap-' || source_system || ':login --account ' || account_alias "
            'as "To log in again"\n'
            "from meta.sync_status\n"
            "group by source_system, account_alias\n"
            "order by source_system, account_alias",
            {"Last success": units.MOMENT},
        )
        .height(6)
        .no_value(empty_states.NOT_SYNCED)
    )
