with devices as (
    select * from {{ ref('base_withings__devices') }}
)

select
    {{ source_lineage('withings', 'devices', 'deviceid', created_at=none, updated_at=none) }},
    {{ withings_device_id('devices') }} as source_device_id,
    type as device_type,
    nullif(model, '') as device_model,
    model_id as device_model_id,
    battery,
    timezone as source_tz_iana,
    {{ to_utc('first_session_date') }} as first_session_at,
    {{ to_utc('last_session_date') }} as last_session_at,
    mac_address,
    fw as firmware,
    network,
    last_used_network,
    sim_status
from devices
