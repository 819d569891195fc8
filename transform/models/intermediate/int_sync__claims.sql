-- The loader commits each table on its own: a claim counts once as many rows have landed with its
-- `synced_at` or a later one. Rows that were read again since then have landed, too.
with sync_windows as (
    select * from {{ ref('int_sync__windows') }}
),

landed as (
    select * from {{ ref('int_sync__landed_claims') }}
)

select
    sync_windows.window_id as window_id,
    sync_windows.source_system as source_system,
    sync_windows.source_account_id as source_account_id,
    sync_windows.account_alias as account_alias,
    sync_windows.stream as stream,
    sync_windows.basis as basis,
    sync_windows.kind as kind,
    sync_windows.window_start_at as window_start_at,
    sync_windows.window_end_at as window_end_at,
    sync_windows.status as status,
    sync_windows.error as error,
    sync_windows.synced_at as synced_at,
    sync_windows.records as records,
    sync_windows.distinct_keys as distinct_keys,
    sync_windows.requests as requests,
    sync_windows.run_id as run_id,
    coalesce(landed.landed_rows, 0) as landed_rows,
    sync_windows.status = 'complete'
    and sync_windows.source_account_id is not null
    and coalesce(landed.landed_rows, 0) >= sync_windows.distinct_keys as is_proven
from sync_windows
left join landed
    on sync_windows.window_id = landed.window_id
