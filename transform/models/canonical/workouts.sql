{{ config(**replaced_by_record()) }}

with workouts as (
    select * from {{ ref('input__workouts') }}
),

activity_map as (
    select * from {{ ref('activity_map') }}
),

episodes as (
    select * from {{ ref('int_workouts__episodes') }}
),

keyed as (
    select
        {{ surrogate_key([
            'workouts.source_system', 'workouts.source_account_id', 'workouts.raw_source_id'
        ]) }} as workout_key,
        {{ canonical_lineage('workouts') }},
        workouts.modality as modality,
        case
            when workouts.source_device_id is not null
                then {{ surrogate_key([
                    'workouts.source_system', 'workouts.source_account_id', 'workouts.source_device_id'
                ]) }}
        end as device_key,
        workouts.start_at as start_at,
        {{ to_local('workouts.start_at', 'workouts.start_utc_offset_min') }} as start_local,
        workouts.start_utc_offset_min as start_utc_offset_min,
        workouts.end_at as end_at,
        {{ to_local('workouts.end_at', 'workouts.end_utc_offset_min') }} as end_local,
        workouts.end_utc_offset_min as end_utc_offset_min,
        workouts.tz_iana as tz_iana,
        workouts.tz_evidence as tz_evidence,
        cast(
            {{ to_local('workouts.start_at', 'workouts.start_utc_offset_min') }} as date
        ) as local_date,
        'start' as local_date_rule,
        case
            when activity_map.source_activity_name is not null then activity_map.activity_code
            else 'other'
        end as activity_code,
        workouts.source_activity_name as source_activity_name,
        workouts.score_state as score_state,
        {{ rounded(seconds_between('workouts.start_at', 'workouts.end_at'), 3) }} as duration_s,
        workouts.pause_s as pause_s,
        workouts.energy_kj as energy_kj,
        workouts.distance_m as distance_m,
        workouts.elevation_gain_m as elevation_gain_m,
        workouts.elevation_change_m as elevation_change_m,
        workouts.floors as floors,
        workouts.steps as steps,
        workouts.hr_avg as hr_avg,
        workouts.hr_min as hr_min,
        workouts.hr_max as hr_max,
        workouts.strain as strain,
        workouts.coverage_pct as coverage_pct
    from workouts
    left join activity_map
        on
            workouts.source_system = activity_map.source_system
            and {{ activity_name_key('workouts.source_activity_name') }} = activity_map.source_activity_name
)

select
    keyed.*,
    {{ preference_columns('episodes', 'keyed', workout_reject_rule('keyed')) }}
from keyed
left join episodes
    on keyed.workout_key = episodes.session_key
where {{ is_of_changed_record('keyed') }}
