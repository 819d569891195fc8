-- Nothing is dropped from canonical: this says what is not to be trusted, and why. What the vendor
-- does not have any more needs no reason.
with vitals as (
    select * from {{ ref('biometrics_vitals') }}
    where deleted_at is null
),

metrics as (
    select * from {{ ref('metric') }}
),

findings as (
    select
        vitals.*,
        case when vitals.value_num < metrics.plausible_low then 'too_low' else 'too_high' end as rule,
        {{ dbt.concat([
            stable_text('vitals.value_num', 'numeric'), "' '", "metrics.ucum_unit", "' is outside of '",
            stable_text('metrics.plausible_low', 'numeric'), "' to '",
            stable_text('metrics.plausible_high', 'numeric')
        ]) }} as reason
    from vitals
    inner join metrics
        on vitals.metric_code = metrics.metric_code
    where
        vitals.value_num < metrics.plausible_low
        or vitals.value_num > metrics.plausible_high
    union all
    select
        vitals.*,
        'differing_duplicate' as rule,
        'the record holds differing values of one metric' as reason
    from vitals
    where is_differing_duplicate
    union all
    select
        vitals.*,
        'ambiguous_owner' as rule,
        'by the word of the vendor it may be of somebody else' as reason
    from vitals
    where is_ambiguous_owner
)

select
    {{ surrogate_key(['observation_key', 'rule']) }} as reject_key,
    observation_key,
    rule,
    reason,
    user_id,
    source_system,
    source_account_id,
    raw_relation,
    raw_source_id,
    raw_source_part,
    metric_code,
    body_position,
    value_num,
    value_text,
    ucum_unit,
    effective_start_at,
    local_date
from findings
