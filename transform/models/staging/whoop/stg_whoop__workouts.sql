with workouts as (
    {{ mark_deleted(ref('base_whoop__workouts'), 'whoop_raw.workouts', 'records.id') }}
)

select
    {{ source_lineage('whoop', 'workouts', 'id', deleted_at='deleted_at') }},
    'sensed' as modality,
    {{ to_utc('start') }} as start_at,
    {{ to_utc('"end"') }} as end_at,
    {{ offset_minutes('timezone_offset') }} as start_utc_offset_min,
    {{ offset_minutes('timezone_offset') }} as end_utc_offset_min,
    {{ offset_evidence('timezone_offset') }} as tz_evidence,
    sport_name as source_activity_name,
    score_state,
    score_strain as strain,
    score_average_heart_rate as hr_avg,
    score_max_heart_rate as hr_max,
    score_kilojoule as energy_kj,
    score_percent_recorded * 100 as coverage_pct,
    score_distance_meter as distance_m,
    score_altitude_gain_meter as elevation_gain_m,
    score_altitude_change_meter as elevation_change_m,
    {{ milli_to_seconds('score_zone_durations_zone_zero_milli') }} as hr_zone_0_s,
    {{ milli_to_seconds('score_zone_durations_zone_one_milli') }} as hr_zone_1_s,
    {{ milli_to_seconds('score_zone_durations_zone_two_milli') }} as hr_zone_2_s,
    {{ milli_to_seconds('score_zone_durations_zone_three_milli') }} as hr_zone_3_s,
    {{ milli_to_seconds('score_zone_durations_zone_four_milli') }} as hr_zone_4_s,
    {{ milli_to_seconds('score_zone_durations_zone_five_milli') }} as hr_zone_5_s
from workouts
