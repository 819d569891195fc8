-- The same workout, as several sources saw it: they overlap by half of the shorter one.
{{ config(**replaced_by_record(record_key='session_key')) }}

with workouts as (
    select
        *,
        case
            when source_device_id is not null
                then {{ surrogate_key(['source_system', 'source_account_id', 'source_device_id']) }}
        end as device_key
    from {{ ref('input__workouts') }}
    where
        deleted_at is null
        and start_at is not null
        and end_at is not null
        and {{ workout_reject_rule() }} is null
),

devices as (
    select * from {{ ref('device') }}
),

sessions as (
    select
        {{ surrogate_key([
            'workouts.source_system', 'workouts.source_account_id', 'workouts.raw_source_id'
        ]) }} as session_key,
        workouts.user_id as user_id,
        workouts.source_system as source_system,
        workouts.source_account_id as source_account_id,
        workouts.device_key as device_key,
        devices.device_type as device_type,
        workouts.modality as modality,
        workouts.score_state as score_state,
        workouts.start_at as start_at,
        workouts.end_at as end_at,
        cast({{ to_local('workouts.start_at', 'workouts.start_utc_offset_min') }} as date) as local_date,
        workouts.source_updated_at as updated_at
    from workouts
    left join devices
        on workouts.device_key = devices.device_key
),

{{ group_episodes('sessions', 'activity', min_overlap=0.5) }}
