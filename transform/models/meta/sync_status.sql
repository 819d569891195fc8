{{ config(materialized='view') }}

select
    source_system,
    source_account_id,
    account_alias,
    stream,
    last_success_at,
    newest_record_at,
    cast({{ seconds_between('last_success_at', 'current_timestamp') }} as bigint) as lag_s,
    rows,
    deleted_rows,
    last_status,
    last_error,
    last_failure_at,
    held_deletions,
    is_history_missing
from {{ ref('int_sync__stream_states') }}
