-- Every device that a record names, with what the vendor's list says of it: the list forgets a
-- device that the user removed.
with listed as (
    select * from {{ ref('stg_withings__devices') }}
),

codes as (
    select * from {{ ref('withings_code') }}
),

named as (
    {% for model, time in [
        ('measures', 'measured_at'), ('activities', 'day_start_at'),
        ('workouts', 'start_at'), ('sleep_summaries', 'in_bed_start_at'),
        ('sleep_stages', 'stage_start_at'), ('heart_recordings', 'recorded_at')
    ] -%}
    select
        source_account_id,
        source_device_id,
        device_model_id,
        case when deleted_at is null then {{ time }} end as seen_at
    from {{ ref('stg_withings__' ~ model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

seen as (
    select
        source_account_id,
        source_device_id,
        max(device_model_id) as device_model_id,
        min(seen_at) as first_seen_at,
        max(seen_at) as last_seen_at
    from named
    group by source_account_id, source_device_id
),

keys as (
    select
        source_account_id,
        source_device_id
    from seen
    where source_device_id is not null
    union
    select
        source_account_id,
        source_device_id
    from listed
    where source_device_id is not null
)

select
    'withings' as source_system,
    keys.source_account_id as source_account_id,
    keys.source_device_id as raw_source_id,
    listed.raw_relation as raw_relation,
    listed.source_created_at as source_created_at,
    listed.source_updated_at as source_updated_at,
    listed.synced_at as synced_at,
    listed.extracted_at as extracted_at,
    listed.loaded_at as loaded_at,
    listed.record_hash as record_hash,
    listed.deleted_at as deleted_at,
    listed.device_type as device_type,
    listed.firmware as firmware,
    listed.battery as battery,
    case when device_models.modality is null then 'Withings' end as manufacturer,
    coalesce(listed.device_model, device_models.label) as device_model,
    coalesce(listed.first_session_at, seen.first_seen_at) as first_seen_at,
    coalesce(listed.last_session_at, seen.last_seen_at) as last_seen_at
from keys
left join listed
    on
        keys.source_account_id = listed.source_account_id
        and keys.source_device_id = listed.source_device_id
left join seen
    on
        keys.source_account_id = seen.source_account_id
        and keys.source_device_id = seen.source_device_id
left join codes as device_models
    on
        device_models.kind = 'device_model'
        and coalesce(listed.device_model_id, seen.device_model_id) = device_models.code
