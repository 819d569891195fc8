-- Recent by the person's own newest measurement, not by today: who has not weighed for a year
-- sees the last measurements, not an empty table.
with accepted as (
    select
        *,
        max(measured_at) over (partition by user_id) as newest_at
    from {{ ref('int_withings__accepted_measures') }}
),

recent as (
    select *
    from accepted
    where measured_at > {{ dbt.dateadd('day', -90, 'newest_at') }}
),

measures as (
    select * from {{ ref('stg_withings__measures') }}
)

select
    recent.observation_key as observation_key,
    recent.user_id as user_id,
    recent.measured_at as measured_at,
    recent.measured_local as measured_local,
    recent.local_date as local_date,
    recent.utc_offset_min as utc_offset_min,
    recent.tz_iana as tz_iana,
    recent.tz_evidence as tz_evidence,
    measures.account_tz_iana as account_tz_iana,
    recent.metric_code as metric_code,
    measures.measure_type_label as measurement,
    recent.body_position as body_position,
    recent.value_num as value_num,
    recent.value_text as value_text,
    recent.ucum_unit as ucum_unit,
    measures.measure_type as measure_type,
    measures.value_raw as value_raw,
    measures.unit_exponent as unit_exponent,
    recent.modality as modality,
    measures.attrib_label as attribution,
    measures.device_model as device_model,
    recent.device_key as device_key,
    recent.raw_relation as raw_relation,
    measures.grpid as grpid,
    recent.synced_at as synced_at
from recent
inner join measures
    on
        recent.source_account_id = measures.source_account_id
        and recent.raw_source_id = measures.raw_source_id
        and recent.metric_code = measures.metric_code
        and coalesce(recent.raw_source_part, '')
        = coalesce(cast(measures.position_code as {{ dbt.type_string() }}), '')
