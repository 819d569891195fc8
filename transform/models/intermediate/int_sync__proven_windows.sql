{{ config(materialized='table') }}

-- What became history in this build is in both.
with moved as (
    select
        source_system,
        max(last_synced_at) as moved_until
    from {{ ref('sync_history') }}
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
    window_id,
    distinct_keys
from {{ ref('int_sync__landed_history') }}
where is_proven
