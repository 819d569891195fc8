{#
    Deletes from the sync logs what a history of merged windows says as well: the proven windows that
    it was made of, and the failed ones whose stretch was read later. Logs that do not exist are none.
#}
{% macro forget_merged_windows(history) -%}
    {%- for log in sync_logs() -%}
        {{ forget_merged_windows_of(history, log.relation, log.source_system) }}
    {%- endfor -%}
{%- endmacro %}

{% macro forget_merged_windows_of(history, log, source_system) -%}
    {%- set same_stream -%}
        history.source_system = '{{ source_system }}'
        and history.account_alias = log.account
        and history.stream = log.stream
        and history.basis = log.basis
    {%- endset -%}
    {%- set covered -%}
        history.window_start_at <= {{ to_utc('log.window_start') }}
        and history.window_end_at >= {{ to_utc('log.window_end') }}
    {%- endset -%}
    delete from {{ log }} as log
    where
        log.status = 'complete'
        and exists (
            select 1
            from {{ history }} as history
            where
                {{ same_stream }}
                and history.source_account_id = log.user_id
                and history.kind = log.kind
                and cast({{ to_local('history.first_synced_at', 0) }} as date) = cast(log.synced_at as date)
                and {{ to_utc('log.synced_at') }} between history.first_synced_at and history.last_synced_at
                and {{ covered }}
        );
    delete from {{ log }} as log
    using (
        select
            source_system,
            account_alias,
            stream,
            basis,
            max(first_synced_at) as first_synced_at
        from {{ history }}
        group by source_system, account_alias, stream, basis
    ) as history
    where
        log.status = 'failed'
        and {{ same_stream }}
        and {{ to_utc('log.synced_at') }} < history.first_synced_at
        and exists (
            select 1
            from {{ history }} as history
            where
                {{ same_stream }}
                and {{ to_utc('log.synced_at') }} < history.first_synced_at
                and (log.basis = 'snapshot' or ({{ covered }}))
        );
{%- endmacro %}
