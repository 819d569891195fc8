-- Rows never go: if fewer are there than there were, the table was lost, and with it the proof.
{{ config(materialized='table') }}

with history as (
    select * from {{ ref('sync_history') }}
),

landed as (
    select * from {{ ref('int_sync__landed_rows') }}
),

-- What has landed since is summed up beside each stretch by the order of time: both are thousands,
-- too many to join.
moments as (
    select
        source_system,
        source_account_id,
        stream,
        first_synced_at as synced_at,
        0 as rows_there,
        account_alias,
        basis,
        kind,
        window_start_at,
        window_end_at,
        last_synced_at,
        last_window_id,
        distinct_keys,
        landed_rows
    from history
    union all
    select
        source_system,
        source_account_id,
        stream,
        synced_at,
        landed_rows as rows_there,
        cast(null as {{ dbt.type_string() }}) as account_alias,
        cast(null as {{ dbt.type_string() }}) as basis,
        cast(null as {{ dbt.type_string() }}) as kind,
        cast(null as timestamptz) as window_start_at,
        cast(null as timestamptz) as window_end_at,
        cast(null as timestamptz) as last_synced_at,
        cast(null as {{ dbt.type_string() }}) as last_window_id,
        cast(null as bigint) as distinct_keys,
        cast(null as bigint) as landed_rows
    from landed
),

summed as (
    select
        *,
        sum(rows_there) over (
            partition by source_system, source_account_id, stream
            order by synced_at desc
            range between unbounded preceding and current row
        ) as rows_since
    from moments
)

select
    source_system,
    source_account_id,
    account_alias,
    stream,
    basis,
    kind,
    window_start_at,
    window_end_at,
    synced_at,
    last_synced_at,
    last_window_id as window_id,
    distinct_keys,
    rows_since >= landed_rows as is_proven
from summed
where last_window_id is not null
