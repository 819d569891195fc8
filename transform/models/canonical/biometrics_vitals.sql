{{ config(**replaced_by_record()) }}

with vitals as (
    select * from {{ ref('input__vitals') }}
),

metrics as (
    select * from {{ ref('metric') }}
),

devices as (
    select * from {{ ref('device') }}
),

localised as (
    select
        *,
        {{ to_local('effective_start_at', 'effective_start_utc_offset_min') }} as effective_start_local,
        {{ to_local('effective_end_at', 'effective_end_utc_offset_min') }} as effective_end_local
    from vitals
),

keyed as (
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
        metrics.category as category,
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
        case
            when localised.effective_end_at is not null then localised.effective_end_utc_offset_min
        end as effective_end_utc_offset_min,
        localised.tz_iana as tz_iana,
        localised.tz_evidence as tz_evidence,
        coalesce(
            localised.source_local_date,
            cast(coalesce(localised.effective_end_local, localised.effective_start_local) as date)
        ) as local_date,
        case
            when localised.source_local_date is not null then localised.source_local_date_rule
            else 'effective_end'
        end as local_date_rule,
        case
            when localised.deleted_at is not null then 'deleted'
            when localised.is_ambiguous_owner then 'ambiguous_owner'
            when localised.is_differing_duplicate then 'differing_duplicate'
            when
                {{ is_implausible('localised.value_num', 'metrics.plausible_low', 'metrics.plausible_high') }}
                then 'implausible'
        end as why_not
    from localised
    left join metrics
        on localised.metric_code = metrics.metric_code
),

-- Values that answer one question about one day. A mean over a night is not one over the day, but a
-- total by cycle is in the place of one by date.
grouped as (
    select
        *,
        {{ surrogate_key([
            'user_id', stable_text('local_date', 'date'), 'metric_code', 'body_position', 'statistic',
            "case when statistic = 'mean' then context end"
        ]) }} as group_id,
        {{ dbt.concat([
            'source_system', "'|'", 'source_account_id', "'|'", "coalesce(device_key, '')"
        ]) }} as contributor
    from keyed
),

contributions as (
    select
        grouped.group_id as group_id,
        grouped.contributor as contributor,
        grouped.user_id as user_id,
        grouped.category as category,
        grouped.metric_code as metric_code,
        grouped.source_system as source_system,
        devices.device_type as device_type,
        grouped.local_date as local_date,
        0 as is_unscored,
        min(case when grouped.modality = 'sensed' then 0 else 1 end) as is_second_hand,
        count(*) as coverage,
        max(grouped.source_updated_at) as updated_at
    from grouped
    left join devices
        on grouped.device_key = devices.device_key
    where grouped.why_not is null
    group by
        grouped.group_id, grouped.contributor, grouped.user_id, grouped.category, grouped.metric_code,
        grouped.source_system, devices.device_type, grouped.local_date
),

{{ rank_sources('contributions', 'sensed') }}

select
    grouped.observation_key as observation_key,
    {{ canonical_lineage('grouped') }},
    grouped.raw_source_part as raw_source_part,
    grouped.modality as modality,
    grouped.device_key as device_key,
    grouped.metric_code as metric_code,
    grouped.category as category,
    grouped.value_num as value_num,
    grouped.value_text as value_text,
    grouped.ucum_unit as ucum_unit,
    grouped.loinc as loinc,
    grouped.statistic as statistic,
    grouped.context as context,
    grouped.body_position as body_position,
    grouped.is_ambiguous_owner as is_ambiguous_owner,
    grouped.is_differing_duplicate as is_differing_duplicate,
    grouped.effective_start_at as effective_start_at,
    grouped.effective_start_local as effective_start_local,
    grouped.effective_start_utc_offset_min as effective_start_utc_offset_min,
    grouped.effective_end_at as effective_end_at,
    grouped.effective_end_local as effective_end_local,
    grouped.effective_end_utc_offset_min as effective_end_utc_offset_min,
    grouped.tz_iana as tz_iana,
    grouped.tz_evidence as tz_evidence,
    grouped.local_date as local_date,
    grouped.local_date_rule as local_date_rule,
    grouped.why_not is null and ranked.source_rank = 1 as is_preferred,
    case when grouped.why_not is null then ranked.source_rank end as source_rank,
    coalesce(grouped.why_not, ranked.preference_reason) as preference_reason
from grouped
left join ranked
    on
        grouped.group_id = ranked.group_id
        and grouped.contributor = ranked.contributor
where {{ is_of_changed_record('grouped') }}
