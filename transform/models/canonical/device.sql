with devices as (
    select * from {{ ref('input__devices') }}
)

select
    {{ surrogate_key(['source_system', 'source_account_id', 'raw_source_id']) }} as device_key,
    {{ canonical_lineage() }},
    manufacturer,
    device_model,
    device_type,
    firmware,
    battery,
    first_seen_at,
    last_seen_at
from devices
