with vitals as (
    select * from {{ ref('input__vitals') }}
),

metrics as (
    select * from {{ ref('metric') }}
),

localised as (
    select
        *,
        {{ to_local('effective_start_at', 'effective_start_utc_offset_min') }} as effective_start_local,
        {{ to_local('effective_end_at', 'effective_end_utc_offset_min') }} as effective_end_local
    from vitals
),

final as (
    select
        case
            when localised.raw_source_part is null
                then {{ surrogate_key([
                    'localised.source_system', 'localised.source_account_id', 'localised.raw_source_id',
                    'localised.metric_code'
                ]) }}
            else {{ surrogate_key([
                'localised.source_system', 'localised.source_account_id', 'localised.raw_source_id',
                'localised.metric_code', 'localised.raw_source_part'
            ]) }}
        end as observation_key,
        {{ canonical_lineage('localised') }},
        localised.raw_source_part as raw_source_part,
        localised.modality as modality,
        case
            when localised.source_device_id is not null
                then {{ surrogate_key([
                    'localised.source_system', 'localised.source_account_id', 'localised.source_device_id'
                ]) }}
        end as device_key,
        localised.metric_code as metric_code,
        localised.value_num as value_num,
        localised.value_text as value_text,
        metrics.ucum_unit as ucum_unit,
        metrics.loinc as loinc,
        localised.statistic as statistic,
        localised.context as context,
        localised.body_position as body_position,
        coalesce(localised.is_ambiguous_owner, false) as is_ambiguous_owner,
        coalesce(localised.is_differing_duplicate, false) as is_differing_duplicate,
        localised.effective_start_at as effective_start_at,
        localised.effective_start_local as effective_start_local,
        localised.effective_start_utc_offset_min as effective_start_utc_offset_min,
        localised.effective_end_at as effective_end_at,
        localised.effective_end_local as effective_end_local,
        localised.effective_end_utc_offset_min as effective_end_utc_offset_min,
        localised.tz_iana as tz_iana,
        localised.tz_evidence as tz_evidence,
        coalesce(
            localised.source_local_date,
            cast(coalesce(localised.effective_end_local, localised.effective_start_local) as date)
        ) as local_date,
        case
            when localised.source_local_date is not null then localised.source_local_date_rule
            else 'effective_end'
        end as local_date_rule
    from localised
    left join metrics
        on localised.metric_code = metrics.metric_code
)

select * from final
