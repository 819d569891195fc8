with sleeps as (
    {{ mark_deleted(ref('base_withings__sleep_summary'), 'withings_raw.sleep_summary', 'records.id') }}
),

codes as (
    select * from {{ ref('withings_code') }}
),

time_zones as (
    select * from {{ ref('stg_database__time_zones') }}
),

-- Nobody who sleeps has a heart rate, a respiration or a temperature of zero: it means missing.
nights as (
    select
        {{ source_lineage(
            'withings', 'sleep_summary', 'sleeps.id', created_at='sleeps.created',
            updated_at='sleeps.modified', relation_alias='sleeps', deleted_at='sleeps.deleted_at'
        ) }},
        case
            when sleeps.data_asleepduration is not null and sleeps.data_lightsleepduration is null
                then 'imported'
            else coalesce(device_models.modality, 'sensed')
        end as modality,
        {{ to_utc('sleeps.startdate') }} as in_bed_start_at,
        {{ to_utc('sleeps.enddate') }} as in_bed_end_at,
        time_zones.tz_iana as tz_iana,
        case when time_zones.tz_iana is null then 'default' else 'source_iana' end as tz_evidence,
        sleeps.timezone as source_tz_iana,
        sleeps.date as source_date,
        sleeps.completed as is_completed,
        'SCORED' as score_state,
        {{ withings_device_id('sleeps') }} as source_device_id,
        sleeps.model as device_type,
        sleeps.model_id as device_model_id,
        sleeps.data_total_timeinbed as in_bed_s,
        coalesce(sleeps.data_total_sleep_time, sleeps.data_asleepduration) as asleep_s,
        sleeps.data_wakeupduration as awake_s,
        sleeps.data_lightsleepduration as light_s,
        sleeps.data_deepsleepduration as deep_s,
        sleeps.data_remsleepduration as rem_s,
        sleeps.data_sleep_latency as latency_s,
        sleeps.data_wakeup_latency as wake_latency_s,
        sleeps.data_waso as waso_s,
        sleeps.data_wakeupcount as awakenings,
        sleeps.data_out_of_bed_count as out_of_bed_count,
        sleeps.data_nb_rem_episodes as rem_episodes,
        sleeps.data_sleep_efficiency * 100 as efficiency_pct,
        sleeps.data_sleep_score as sleep_score,
        nullif(sleeps.data_hr_average, 0) as hr_avg,
        nullif(sleeps.data_hr_min, 0) as hr_min,
        nullif(sleeps.data_hr_max, 0) as hr_max,
        nullif(sleeps.data_rr_average, 0) as respiratory_rate,
        nullif(sleeps.data_rr_min, 0) as respiratory_rate_min,
        nullif(sleeps.data_rr_max, 0) as respiratory_rate_max,
        nullif(sleeps.data_rmssd_start_avg, 0) as hrv_rmssd_start_ms,
        nullif(sleeps.data_rmssd_end_avg, 0) as hrv_rmssd_end_ms,
        sleeps.data_snoring as snoring_s,
        sleeps.data_snoringepisodecount as snoring_episodes,
        sleeps.data_breathing_sounds as breathing_sounds_s,
        sleeps.data_breathing_sounds_episode_count as breathing_sounds_episodes,
        sleeps.data_breathing_disturbances_intensity as breathing_disturbances,
        sleeps.data_breathing_quality_assessment as breathing_quality,
        sleeps.data_apnea_hypopnea_index as ahi,
        sleeps.data_withings_index as withings_index,
        sleeps.data_mvt_score_avg as movement_score_avg,
        sleeps.data_mvt_active_duration as movement_s,
        sleeps.data_chest_movement_rate_average as chest_movement_rate_avg,
        sleeps.data_chest_movement_rate_min as chest_movement_rate_min,
        sleeps.data_chest_movement_rate_max as chest_movement_rate_max,
        sleeps.data_chest_movement_rate_wellness_average as chest_movement_rate_wellness_avg,
        sleeps.data_chest_movement_rate_wellness_min as chest_movement_rate_wellness_min,
        sleeps.data_chest_movement_rate_wellness_max as chest_movement_rate_wellness_max,
        nullif(sleeps.data_core_body_temperature_avg, 0) as core_body_temperature_avg_c,
        nullif(sleeps.data_core_body_temperature_min, 0) as core_body_temperature_min_c,
        nullif(sleeps.data_core_body_temperature_max, 0) as core_body_temperature_max_c,
        sleeps.data_core_body_temperature_status as core_body_temperature_status,
        sleeps.data_night_events as night_events
    from sleeps
    left join time_zones
        on sleeps.timezone = time_zones.tz_iana
    left join codes as device_models
        on
            device_models.kind = 'device_model'
            and coalesce(sleeps.model_id, sleeps.model) = device_models.code
)

select
    *,
    {{ zone_offset_minutes('in_bed_start_at', 'tz_iana') }} as in_bed_start_utc_offset_min,
    {{ zone_offset_minutes('in_bed_end_at', 'tz_iana') }} as in_bed_end_utc_offset_min
from nights
