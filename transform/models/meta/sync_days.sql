-- A window is in the log or in its history, never in both: what moves goes from the log in the same
-- transaction.
{{ config(materialized='table') }}
{% set names = 'source_system, account_alias, stream, synced_date, status, error' -%}

with windows as (
    select
        source_system,
        account_alias,
        stream,
        cast({{ to_local('synced_at', 0) }} as date) as synced_date,
        status,
        error,
        1 as windows,
        records,
        requests,
        synced_at
    from {{ ref('int_sync__claims') }}
    union all
    select
        source_system,
        account_alias,
        stream,
        cast({{ to_local('last_synced_at', 0) }} as date) as synced_date,
        'complete' as status,
        cast(null as {{ dbt.type_string() }}) as error,
        windows,
        records,
        requests,
        last_synced_at as synced_at
    from {{ ref('sync_history') }}
)

select
    source_system,
    account_alias,
    stream,
    synced_date,
    status,
    error,
    cast(sum(windows) as bigint) as windows,
    cast(sum(records) as bigint) as records,
    cast(sum(requests) as bigint) as requests,
    max(synced_at) as last_synced_at
from windows
group by {{ names }}
