with activities as (
    {{ mark_deleted(
        ref('base_withings__activity'), 'withings_raw.activity', withings_activity_key('records')
    ) }}
),

codes as not materialized (
    select * from {{ ref('withings_code') }}
),

time_zones as (
    select * from {{ ref('stg_database__time_zones') }}
),

{% set zone = "coalesce(time_zones.tz_iana, 'UTC')" -%}
{%- set midnight = 'cast(activities.date as timestamp)' -%}
days as (
    -- Zero means missing in distance and heart rate, but a day without steps has zero steps.
    select
        {{ source_lineage(
            'withings', 'activity', withings_activity_key('activities'), created_at=none,
            updated_at='activities.modified', relation_alias='activities',
            deleted_at='activities.deleted_at'
        ) }},
        coalesce(brands.modality, device_models.modality, 'sensed') as modality,
        activities.date as local_date,
        {{ local_to_instant(midnight, zone) }} as day_start_at,
        {{ local_to_instant(dbt.dateadd('day', 1, midnight), zone) }} as day_end_at,
        time_zones.tz_iana as tz_iana,
        case when time_zones.tz_iana is null then 'default' else 'source_iana' end as tz_evidence,
        activities.timezone as source_tz_iana,
        nullif(activities.brand, -1) as brand,
        brands.label as brand_label,
        activities.is_tracker as is_tracker,
        {{ withings_device_id('activities') }} as source_device_id,
        activities.model as device_model,
        activities.model_id as device_model_id,
        activities.steps as steps,
        nullif(activities.distance, 0) as distance_m,
        activities.elevation as floors,
        activities.soft as soft_s,
        activities.moderate as moderate_s,
        activities.intense as intense_s,
        activities.active as active_s,
        activities.calories as energy_active_kcal,
        nullif(activities.totalcalories, 0) as energy_total_kcal,
        nullif(activities.hr_average, 0) as hr_avg,
        nullif(activities.hr_min, 0) as hr_min,
        nullif(activities.hr_max, 0) as hr_max,
        nullif(activities.hr_zone_0, 0) as hr_zone_0_s,
        nullif(activities.hr_zone_1, 0) as hr_zone_1_s,
        nullif(activities.hr_zone_2, 0) as hr_zone_2_s,
        nullif(activities.hr_zone_3, 0) as hr_zone_3_s
    from activities
    left join time_zones
        on activities.timezone = time_zones.tz_iana
    left join codes as brands
        on brands.kind = 'brand' and activities.brand = brands.code
    left join codes as device_models
        on device_models.kind = 'device_model' and activities.model_id = device_models.code
)

select
    *,
    {{ zone_offset_minutes('day_start_at', 'tz_iana') }} as day_start_utc_offset_min,
    {{ zone_offset_minutes('day_end_at', 'tz_iana') }} as day_end_utc_offset_min
from days
