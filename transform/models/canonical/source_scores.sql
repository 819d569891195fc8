{{ config(**replaced_by_record()) }}

with scores as (
    select * from {{ ref('input__source_scores') }}
),

scales as (
    select * from {{ ref('score_scale') }}
),

final as (
    select
        {{ surrogate_key([
            'scores.source_system', 'scores.source_account_id', 'scores.raw_source_id', 'scores.score_code'
        ]) }} as score_key,
        {{ canonical_lineage('scores') }},
        scores.modality as modality,
        scores.score_code as score_code,
        scores.value as value,
        scales.scale_min as scale_min,
        scales.scale_max as scale_max,
        scores.score_state as score_state,
        scores.is_calibrating as is_calibrating,
        case
            when scores.related_sleep_id is not null
                then {{ surrogate_key([
                    'scores.source_system', 'scores.source_account_id', 'scores.related_sleep_id'
                ]) }}
        end as related_sleep_key,
        case
            when scores.related_cycle_id is not null
                then {{ surrogate_key([
                    'scores.source_system', 'scores.source_account_id', 'scores.related_cycle_id'
                ]) }}
        end as related_cycle_key,
        case
            when scores.related_workout_id is not null
                then {{ surrogate_key([
                    'scores.source_system', 'scores.source_account_id', 'scores.related_workout_id'
                ]) }}
        end as related_workout_key,
        scores.effective_start_at as effective_start_at,
        {{ to_local(
            'scores.effective_start_at', 'scores.effective_start_utc_offset_min'
        ) }} as effective_start_local,
        scores.effective_start_utc_offset_min as effective_start_utc_offset_min,
        scores.effective_end_at as effective_end_at,
        {{ to_local(
            'scores.effective_end_at', 'scores.effective_end_utc_offset_min'
        ) }} as effective_end_local,
        scores.effective_end_utc_offset_min as effective_end_utc_offset_min,
        scores.tz_iana as tz_iana,
        scores.tz_evidence as tz_evidence,
        coalesce(
            scores.source_local_date,
            cast({{ to_local('scores.effective_end_at', 'scores.effective_end_utc_offset_min') }} as date)
        ) as local_date,
        case
            when scores.source_local_date is not null then scores.source_local_date_rule
            else 'effective_end'
        end as local_date_rule
    from scores
    left join scales
        on
            scores.source_system = scales.source_system
            and scores.score_code = scales.score_code
    where {{ is_of_changed_record('scores') }}
)

select * from final
