-- Nothing is dropped from canonical: this says what is not to be trusted, and why. What the vendor
-- does not have any more needs no reason.
with vitals as (
    select * from {{ ref('biometrics_vitals') }}
    where deleted_at is null
),

metrics as (
    select * from {{ ref('metric') }}
),

{% set text = dbt.type_string() -%}
findings as (
    select
        vitals.observation_key as observation_key,
        case when vitals.value_num < metrics.plausible_low then 'too_low' else 'too_high' end as rule,
        {{ dbt.concat([
            "cast(vitals.value_num as " ~ text ~ ")", "' '", "metrics.ucum_unit", "' is outside of '",
            "cast(metrics.plausible_low as " ~ text ~ ")", "' to '",
            "cast(metrics.plausible_high as " ~ text ~ ")"
        ]) }} as reason
    from vitals
    inner join metrics
        on vitals.metric_code = metrics.metric_code
    where
        vitals.value_num < metrics.plausible_low
        or vitals.value_num > metrics.plausible_high
    union all
    select
        observation_key,
        'differing_duplicate' as rule,
        'the record holds differing values of one metric' as reason
    from vitals
    where is_differing_duplicate
    union all
    select
        observation_key,
        'ambiguous_owner' as rule,
        'by the word of the vendor it may be of somebody else' as reason
    from vitals
    where is_ambiguous_owner
)

select
    {{ surrogate_key(['findings.observation_key', 'findings.rule']) }} as reject_key,
    findings.observation_key as observation_key,
    findings.rule as rule,
    findings.reason as reason,
    vitals.user_id as user_id,
    vitals.source_system as source_system,
    vitals.source_account_id as source_account_id,
    vitals.raw_relation as raw_relation,
    vitals.raw_source_id as raw_source_id,
    vitals.raw_source_part as raw_source_part,
    vitals.metric_code as metric_code,
    vitals.body_position as body_position,
    vitals.value_num as value_num,
    vitals.value_text as value_text,
    vitals.ucum_unit as ucum_unit,
    vitals.effective_start_at as effective_start_at,
    vitals.local_date as local_date
from findings
inner join vitals
    on findings.observation_key = vitals.observation_key
