-- Every 15 minutes a sync reads the last days again: one row for what the windows of one day and kind
-- cover together says the same as they.
{{ config(materialized='table') }}
{% set group = 'source_system, source_account_id, account_alias, stream, basis, kind, synced_date' -%}

with claims as (
    select
        *,
        cast({{ to_local('synced_at', 0) }} as date) as synced_date
    from {{ ref('int_sync__claims') }}
    where is_proven
),

reached as (
    select
        *,
        max(window_end_at) over (
            partition by {{ group }}
            order by window_start_at, window_id
            rows between unbounded preceding and 1 preceding
        ) as reached_at
    from claims
),

-- A snapshot bounds nothing, so all of a day are one.
numbered as (
    select
        *,
        sum(case when window_start_at > reached_at and basis <> 'snapshot' then 1 else 0 end) over (
            partition by {{ group }}
            order by window_start_at, window_id
            rows between unbounded preceding and current row
        ) as stretch_no
    from reached
),

ranked as (
    select
        *,
        row_number() over (
            partition by {{ group }}, stretch_no
            order by synced_at desc, window_id desc
        ) as recency_rank
    from numbered
)

select
    source_system,
    source_account_id,
    account_alias,
    stream,
    basis,
    kind,
    synced_date,
    cast(sum(records) as bigint) as records,
    cast(sum(requests) as bigint) as requests,
    min(window_start_at) as window_start_at,
    max(window_end_at) as window_end_at,
    min(synced_at) as first_synced_at,
    max(synced_at) as last_synced_at,
    max(case when recency_rank = 1 then window_id end) as last_window_id,
    count(*) as windows,
    max(distinct_keys) as distinct_keys,
    max(landed_rows) as landed_rows
from ranked
group by {{ group }}, stretch_no
