-- The rejects among the values, with what they are: `rejects` has them all.
with rejects as (
    select * from {{ ref('rejects') }}
    where entity = 'biometrics_vitals' and severity = 'reject'
),

vitals as (
    select * from {{ ref('biometrics_vitals') }}
)

select
    {{ surrogate_key(['rejects.row_key', 'rejects.rule']) }} as reject_key,
    rejects.row_key as observation_key,
    rejects.rule as rule,
    rejects.reason as reason,
    rejects.user_id as user_id,
    rejects.source_system as source_system,
    rejects.source_account_id as source_account_id,
    rejects.raw_relation as raw_relation,
    rejects.raw_source_id as raw_source_id,
    vitals.raw_source_part as raw_source_part,
    rejects.metric_code as metric_code,
    vitals.body_position as body_position,
    vitals.value_num as value_num,
    vitals.value_text as value_text,
    vitals.ucum_unit as ucum_unit,
    vitals.effective_start_at as effective_start_at,
    rejects.local_date as local_date
from rejects
inner join vitals
    on rejects.row_key = vitals.observation_key
