-- A table, not a view like its neighbours: it is read several times in a build, and people look
-- up their measurements here.
{{ config(**replaced_by_record()) }}

with measures as (
    {{ mark_deleted(ref('base_withings__measures'), 'withings_raw.measures', 'records.grpid') }}
),

measure_groups as (
    select * from {{ ref('base_withings__measure_groups') }}
),

codes as not materialized (
    select * from {{ ref('withings_code') }}
),

user_zones as (
    select * from {{ ref('int_zones__accounts') }}
),

emptied_groups as (
    select
        grpid,
        synced_at
    from measure_groups
    where measures = '[]'
),

proven as (
    {{ proven_measures() }}
),

-- What has not landed whole says nothing of the rows that it did not reach.
dated as (
    select
        measures.*,
        {{ to_utc('measures.date') }} as measured_at,
        max(
            case
                when proven.proven_at is null or {{ to_utc('measures.synced_at') }} <= proven.proven_at
                    then measures.synced_at
            end
        ) over (partition by measures.grpid) as group_synced_at
    from measures
    left join proven
        on measures.user_id = proven.source_account_id
),

-- A group is always read whole: the vendor took its older rows out of it.
current_measures as (
    select
        *,
        max(repeat) over (partition by grpid, type, position) as last_repeat
    from dated
    where
        (synced_at is null or group_synced_at is null or synced_at >= group_synced_at)
        and not exists (
            select 1
            from emptied_groups
            where
                emptied_groups.grpid = dated.grpid
                and emptied_groups.synced_at > dated.synced_at
        )
),

-- The zone is looked up once per moment: a weigh-in has many values.
moments as (
    select distinct
        measured_at,
        coalesce(user_id, 'unknown') as source_account_id
    from current_measures
),

zoned_moments as (
    select
        moments.source_account_id as source_account_id,
        moments.measured_at as measured_at,
        user_zones.tz_iana as tz_iana,
        user_zones.evidence as zone_evidence,
        {{ zone_interval_offset('user_zones', 'moments.measured_at') }} as utc_offset_min
    from moments
    inner join user_zones
        on
            user_zones.source_system = 'withings'
            and moments.source_account_id = user_zones.source_account_id
            and {{ zone_holds_at('user_zones', 'moments.measured_at') }}
),

measured as (
    select
        {{ source_lineage(
            'withings', 'measures', 'measures.grpid',
            created_at='measures.created', updated_at='measures.modified', relation_alias='measures',
            deleted_at='measures.deleted_at'
        ) }},
        measures.grpid as grpid,
        measures.type as measure_type,
        measure_types.label as measure_type_label,
        measure_types.metric_code as metric_code,
        nullif(measures.position, -1) as position_code,
        positions.label as position_label,
        measures.repeat as repeat_no,
        measures.last_repeat > 0 as is_differing_duplicate,
        {{ scaled_decimal('measures.value_raw', 'measures.unit_exponent') }} as value_num,
        measure_types.ucum_unit as ucum_unit,
        measures.value_raw as value_raw,
        measures.unit_exponent as unit_exponent,
        measures.attrib as attrib,
        attribs.label as attrib_label,
        coalesce(measures.attrib = 1, false) as is_ambiguous_owner,
        measures.category as category,
        categories.label as category_label,
        coalesce(measures.category = 2, false) as is_goal,
        coalesce(attribs.modality, device_models.modality, 'sensed') as modality,
        measures.measured_at as measured_at,
        {{ to_local('measures.measured_at', 'zoned_moments.utc_offset_min') }} as measured_local,
        zoned_moments.utc_offset_min as utc_offset_min,
        zoned_moments.tz_iana as tz_iana,
        case when zoned_moments.measured_at is null then 'default' else 'user_history' end as tz_evidence,
        zoned_moments.zone_evidence as zone_evidence,
        measures.timezone as account_tz_iana,
        {{ withings_device_id('measures') }} as source_device_id,
        measures.model as device_model,
        measures.model_id as device_model_id,
        measures.algo as algo,
        measures.fm as fm,
        measures.apppfmid as apppfmid,
        measures.appliver as appliver,
        measures.algo_params as algo_params
    from current_measures as measures
    left join codes as measure_types
        on measure_types.kind = 'measure_type' and measures.type = measure_types.code
    left join codes as positions
        on positions.kind = 'position' and measures.position = positions.code
    left join codes as attribs
        on attribs.kind = 'attrib' and measures.attrib = attribs.code
    left join codes as categories
        on categories.kind = 'category' and measures.category = categories.code
    left join codes as device_models
        on device_models.kind = 'device_model' and measures.model_id = device_models.code
    left join zoned_moments
        on
            coalesce(measures.user_id, 'unknown') = zoned_moments.source_account_id
            and measures.measured_at = zoned_moments.measured_at
)

select *
from measured
where {{ is_of_changed_record('measured') }}
