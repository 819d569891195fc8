-- The same night, as several sources saw it. Naps and nights join only if they truly overlap.
{{ config(**replaced_by_record(record_key='session_key')) }}

with sleeps as (
    select
        *,
        case
            when source_device_id is not null
                then {{ surrogate_key(['source_system', 'source_account_id', 'source_device_id']) }}
        end as device_key
    from {{ ref('input__sleep_sessions') }}
    where
        deleted_at is null
        and in_bed_start_at is not null
        and in_bed_end_at is not null
        and {{ sleep_reject_rule() }} is null
),

devices as (
    select * from {{ ref('device') }}
),

sessions as (
    select
        {{ surrogate_key([
            'sleeps.source_system', 'sleeps.source_account_id', 'sleeps.raw_source_id'
        ]) }} as session_key,
        sleeps.user_id as user_id,
        sleeps.source_system as source_system,
        sleeps.source_account_id as source_account_id,
        sleeps.device_key as device_key,
        devices.device_type as device_type,
        sleeps.modality as modality,
        sleeps.score_state as score_state,
        sleeps.in_bed_start_at as start_at,
        sleeps.in_bed_end_at as end_at,
        sleeps.source_updated_at as updated_at,
        cast(
            {{ to_local('sleeps.in_bed_end_at', 'sleeps.in_bed_end_utc_offset_min') }} as date
        ) as local_date
    from sleeps
    left join devices
        on sleeps.device_key = devices.device_key
),

{{ group_episodes('sessions', 'sleep') }}
