with workouts as (
    {{ mark_deleted(ref('base_withings__workouts'), 'withings_raw.workouts', 'records.id') }}
),

codes as not materialized (
    select * from {{ ref('withings_code') }}
),

time_zones as (
    select * from {{ ref('stg_database__time_zones') }}
),

-- Zero means missing: the vendor fills in what a device or an activity does not have.
measured as (
    select
        {{ source_lineage(
            'withings', 'workouts', 'workouts.id', created_at=none, updated_at='workouts.modified',
            relation_alias='workouts', deleted_at='workouts.deleted_at'
        ) }},
        coalesce(attribs.modality, device_models.modality, 'sensed') as modality,
        {{ to_utc('workouts.startdate') }} as start_at,
        {{ to_utc('workouts.enddate') }} as end_at,
        time_zones.tz_iana as tz_iana,
        case when time_zones.tz_iana is null then 'default' else 'source_iana' end as tz_evidence,
        workouts.timezone as source_tz_iana,
        workouts.date as source_date,
        coalesce(
            categories.label, cast(workouts.category as {{ dbt.type_string() }})
        ) as source_activity_name,
        workouts.category as category,
        categories.label as category_label,
        'SCORED' as score_state,
        workouts.attrib as attrib,
        attribs.label as attrib_label,
        {{ withings_device_id('workouts') }} as source_device_id,
        workouts.model as device_type,
        workouts.model_id as device_model_id,
        nullif(workouts.data_calories, 0) as calories_kcal,
        nullif(workouts.data_manual_calories, 0) as manual_calories_kcal,
        coalesce(nullif(workouts.data_distance, 0), nullif(workouts.data_manual_distance, 0)) as distance_m,
        nullif(workouts.data_manual_distance, 0) as manual_distance_m,
        nullif(workouts.data_intensity, 0) as intensity,
        nullif(workouts.data_manual_intensity, 0) as manual_intensity,
        nullif(workouts.data_hr_average, 0) as hr_avg,
        nullif(workouts.data_hr_min, 0) as hr_min,
        nullif(workouts.data_hr_max, 0) as hr_max,
        nullif(workouts.data_hr_zone_0, 0) as hr_zone_0_s,
        nullif(workouts.data_hr_zone_1, 0) as hr_zone_1_s,
        nullif(workouts.data_hr_zone_2, 0) as hr_zone_2_s,
        nullif(workouts.data_hr_zone_3, 0) as hr_zone_3_s,
        coalesce(
            nullif(workouts.data_pause_duration, 0), nullif(workouts.data_algo_pause_duration, 0)
        ) as pause_s,
        nullif(workouts.data_spo2_average, 0) as spo2_pct,
        nullif(workouts.data_core_body_temperature_avg, 0) as core_body_temperature_avg_c,
        nullif(workouts.data_core_body_temperature_min, 0) as core_body_temperature_min_c,
        nullif(workouts.data_core_body_temperature_max, 0) as core_body_temperature_max_c,
        workouts.data_core_body_temperature_status as core_body_temperature_status,
        nullif(workouts.data_steps, 0) as steps,
        nullif(workouts.data_elevation, 0) as floors,
        nullif(workouts.data_pool_laps, 0) as pool_laps,
        nullif(workouts.data_strokes, 0) as strokes,
        nullif(workouts.data_pool_length, 0) as pool_length
    from workouts
    left join time_zones
        on workouts.timezone = time_zones.tz_iana
    left join codes as categories
        on categories.kind = 'workout_category' and workouts.category = categories.code
    left join codes as attribs
        on attribs.kind = 'attrib' and workouts.attrib = attribs.code
    left join codes as device_models
        on
            device_models.kind = 'device_model'
            and coalesce(workouts.model_id, workouts.model) = device_models.code
)

select
    *,
    {{ zone_offset_minutes('start_at', 'tz_iana') }} as start_utc_offset_min,
    {{ zone_offset_minutes('end_at', 'tz_iana') }} as end_utc_offset_min,
    {{ kcal_to_kilojoule('coalesce(calories_kcal, manual_calories_kcal)') }} as energy_kj
from measured
