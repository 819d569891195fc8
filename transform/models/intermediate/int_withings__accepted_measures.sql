-- What the marts show of the scale and its like: measured values without a finding against them,
-- and not deleted by the user.
with vitals as (
    select * from {{ ref('biometrics_vitals') }}
),

rejects as (
    select * from {{ ref('measurement_rejects') }}
)

select
    vitals.observation_key as observation_key,
    vitals.user_id as user_id,
    vitals.source_account_id as source_account_id,
    vitals.raw_source_id as raw_source_id,
    vitals.raw_source_part as raw_source_part,
    vitals.raw_relation as raw_relation,
    vitals.synced_at as synced_at,
    vitals.modality as modality,
    vitals.device_key as device_key,
    vitals.metric_code as metric_code,
    vitals.body_position as body_position,
    vitals.value_num as value_num,
    vitals.value_text as value_text,
    vitals.ucum_unit as ucum_unit,
    vitals.effective_start_at as measured_at,
    vitals.effective_start_local as measured_local,
    vitals.effective_start_utc_offset_min as utc_offset_min,
    vitals.tz_iana as tz_iana,
    vitals.tz_evidence as tz_evidence,
    vitals.local_date as local_date
from vitals
where
    vitals.raw_relation = 'withings_raw.measures'
    and vitals.deleted_at is null
    and not exists (
        select 1
        from rejects
        where rejects.observation_key = vitals.observation_key
    )
