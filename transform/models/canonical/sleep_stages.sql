-- A stage belongs to the date of its sleep; where the sleep is not known, to that on which it ended.
{{ config(**replaced_by_record()) }}

with stages as (
    select
        *,
        {{ surrogate_key(['source_system', 'source_account_id', 'related_sleep_id']) }} as sleep_key,
        {{ to_local('stage_start_at', 'stage_start_utc_offset_min') }} as stage_start_local,
        {{ to_local('stage_end_at', 'stage_end_utc_offset_min') }} as stage_end_local
    from {{ ref('input__sleep_stages') }}
),

sleeps as (
    select * from {{ ref('sleep_sessions') }}
),

stage_map as (
    select * from {{ ref('stage_map') }}
),

final as (
    select
        {{ surrogate_key([
            'stages.source_system', 'stages.source_account_id', 'stages.raw_source_id'
        ]) }} as stage_key,
        stages.sleep_key as sleep_key,
        {{ canonical_lineage('stages') }},
        stages.modality as modality,
        case
            when stages.source_device_id is not null
                then {{ surrogate_key([
                    'stages.source_system', 'stages.source_account_id', 'stages.source_device_id'
                ]) }}
        end as device_key,
        coalesce(stage_map.stage, 'unspecified') as stage,
        stages.source_stage as source_stage,
        stages.stage_start_at as stage_start_at,
        stages.stage_start_local as stage_start_local,
        stages.stage_start_utc_offset_min as stage_start_utc_offset_min,
        stages.stage_end_at as stage_end_at,
        stages.stage_end_local as stage_end_local,
        stages.stage_end_utc_offset_min as stage_end_utc_offset_min,
        stages.tz_iana as tz_iana,
        stages.tz_evidence as tz_evidence,
        coalesce(sleeps.local_date, cast(stages.stage_end_local as date)) as local_date,
        case
            when sleeps.local_date is not null then sleeps.local_date_rule
            else 'stage_end'
        end as local_date_rule,
        {{ rounded(seconds_between('stages.stage_start_at', 'stages.stage_end_at'), 3) }} as duration_s,
        stages.is_of_summary_device as is_of_summary_device
    from stages
    left join sleeps
        on stages.sleep_key = sleeps.sleep_key
    left join stage_map
        on
            stages.source_system = stage_map.source_system
            and stages.source_stage = stage_map.source_stage
    where {{ is_of_changed_record('stages') }}
)

select * from final
