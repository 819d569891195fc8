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
),

-- What became history in this build is in both.
moved as (
    select
        source_system,
        max(last_synced_at) as moved_until
    from history
    group by source_system
)

select
    claims.source_system as source_system,
    claims.source_account_id as source_account_id,
    claims.account_alias as account_alias,
    claims.stream as stream,
    claims.basis as basis,
    claims.kind as kind,
    claims.window_start_at as window_start_at,
    claims.window_end_at as window_end_at,
    claims.first_synced_at as synced_at,
    claims.last_synced_at as last_synced_at,
    claims.last_window_id as window_id,
    claims.distinct_keys as distinct_keys
from {{ ref('int_sync__merged_claims') }} as claims
left join moved
    on claims.source_system = moved.source_system
where moved.moved_until is null or claims.last_synced_at > moved.moved_until
union all
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
    distinct_keys
from summed
-- Rows never go: if fewer are there than there were, the table was lost, and with it the proof.
where rows_since >= landed_rows
