with claims as (
    select * from {{ ref('int_sync__merged_claims') }}
),

history as (
    select * from {{ ref('sync_history') }}
),

-- Rows never go: if fewer are there than there were, the table was lost, and with it the proof.
moments as (
    select
        source_system,
        source_account_id,
        stream,
        synced_at,
        landed_rows
    from {{ ref('int_sync__landed_rows') }}
    union all
    select distinct
        source_system,
        source_account_id,
        stream,
        first_synced_at as synced_at,
        0 as landed_rows
    from history
),

counted as (
    select
        source_system,
        source_account_id,
        stream,
        synced_at,
        sum(sum(landed_rows)) over (
            partition by source_system, source_account_id, stream
            order by synced_at desc
        ) as landed_rows
    from moments
    group by source_system, source_account_id, stream, synced_at
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
    first_synced_at as synced_at,
    last_synced_at,
    last_window_id as window_id,
    distinct_keys
from claims
union all
select
    history.source_system as source_system,
    history.source_account_id as source_account_id,
    history.account_alias as account_alias,
    history.stream as stream,
    history.basis as basis,
    history.kind as kind,
    history.window_start_at as window_start_at,
    history.window_end_at as window_end_at,
    history.first_synced_at as synced_at,
    history.last_synced_at as last_synced_at,
    history.last_window_id as window_id,
    history.distinct_keys as distinct_keys
from history
inner join counted
    on
        history.source_system = counted.source_system
        and history.source_account_id = counted.source_account_id
        and history.stream = counted.stream
        and history.first_synced_at = counted.synced_at
where history.landed_rows <= counted.landed_rows
