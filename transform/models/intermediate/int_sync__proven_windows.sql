with claims as (
    select * from {{ ref('int_sync__claims') }}
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
    window_id,
    distinct_keys
from claims
where is_proven
