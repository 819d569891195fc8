with stages as (
    select * from {{ ref('base_withings__sleep_stages') }}
),

sleeps as (
    select * from {{ ref('stg_withings__sleep_summaries') }}
),

codes as not materialized (
    select * from {{ ref('withings_code') }}
),

dated as (
    select
        *,
        max(synced_at) over (partition by sleep_id) as night_synced_at
    from stages
),

-- A night is always read whole: the vendor took its older rows out of it.
current_stages as (
    select *
    from dated
    where synced_at is null or synced_at >= night_synced_at
),

-- The device of a stage tells its modality; where it is not known, the sleep does.
staged as (
    select
        {{ source_lineage(
            'withings', 'sleep_stages', withings_stage_key('current_stages'), created_at=none,
            updated_at=none, relation_alias='current_stages', deleted_at='sleeps.deleted_at'
        ) }},
        cast(current_stages.sleep_id as {{ dbt.type_string() }}) as related_sleep_id,
        case
            when states.modality is not null then states.modality
            when current_stages.model_id <> -1 then coalesce(device_models.modality, 'sensed')
            else coalesce(sleeps.modality, 'sensed')
        end as modality,
        nullif(current_stages.hash_deviceid, '') as source_device_id,
        nullif(current_stages.model_id, -1) as device_model_id,
        current_stages.model as device_model,
        nullif(current_stages.model_id, -1) = sleeps.device_model_id as is_of_summary_device,
        {{ to_utc('current_stages.startdate') }} as stage_start_at,
        {{ to_utc('current_stages.enddate') }} as stage_end_at,
        cast(current_stages.state as {{ dbt.type_string() }}) as source_stage,
        current_stages.state as state,
        states.label as state_label,
        sleeps.tz_iana as tz_iana,
        coalesce(sleeps.tz_evidence, 'default') as tz_evidence,
        current_stages.hr as heart_rates,
        current_stages.rr as respiratory_rates,
        current_stages.snoring as snoring_s,
        current_stages.sdnn_1 as hrv_sdnn_ms,
        current_stages.rmssd as hrv_rmssd_ms,
        current_stages.hrv_quality as hrv_qualities,
        current_stages.mvt_score as movement_scores,
        current_stages.chest_movement_rate as chest_movement_rates,
        current_stages.withings_index as withings_indexes,
        current_stages.breathing_sounds as breathing_sounds_s
    from current_stages
    left join sleeps
        on cast(current_stages.sleep_id as {{ dbt.type_string() }}) = sleeps.raw_source_id
    left join codes as states
        on states.kind = 'sleep_state' and current_stages.state = states.code
    left join codes as device_models
        on device_models.kind = 'device_model' and current_stages.model_id = device_models.code
)

select
    *,
    {{ zone_offset_minutes('stage_start_at', 'tz_iana') }} as stage_start_utc_offset_min,
    {{ zone_offset_minutes('stage_end_at', 'tz_iana') }} as stage_end_utc_offset_min
from staged
