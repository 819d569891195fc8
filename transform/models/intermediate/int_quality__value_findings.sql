-- No mart shows a value that cannot be true, or of which nobody knows whose or which is right. A score beyond
-- its scale is shown: the scale may have changed.
with vitals as (
    select
        observation_key,
        metric_code,
        value_num,
        is_ambiguous_owner,
        is_differing_duplicate
    from {{ ref('biometrics_vitals') }}
    where {{ is_date_in_range('local_date') }} and deleted_at is null
),

metrics as (
    select * from {{ ref('metric') }}
),

scores as (
    select * from {{ ref('source_scores') }}
    where {{ is_date_in_range('local_date') }} and deleted_at is null
)

select
    'biometrics_vitals' as entity,
    vitals.observation_key as row_key,
    {{ implausible_rule('vitals.value_num', 'metrics.plausible_low') }} as rule,
    'reject' as severity,
    {{ implausible_reason(
        [stable_text('vitals.value_num', 'numeric'), "' '", 'metrics.ucum_unit'],
        'metrics.plausible_low', 'metrics.plausible_high'
    ) }} as reason
from vitals
inner join metrics
    on vitals.metric_code = metrics.metric_code
where {{ is_implausible('vitals.value_num', 'metrics.plausible_low', 'metrics.plausible_high') }}
union all
select
    'biometrics_vitals' as entity,
    observation_key as row_key,
    'differing_duplicate' as rule,
    'reject' as severity,
    'the record holds differing values of one metric' as reason
from vitals
where is_differing_duplicate
union all
select
    'biometrics_vitals' as entity,
    observation_key as row_key,
    'ambiguous_owner' as rule,
    'reject' as severity,
    'by the word of the vendor it may be of somebody else' as reason
from vitals
where is_ambiguous_owner
union all
select
    'source_scores' as entity,
    score_key as row_key,
    {{ implausible_rule('value', 'scale_min') }} as rule,
    'warning' as severity,
    {{ implausible_reason([stable_text('value', 'numeric')], 'scale_min', 'scale_max') }} as reason
from scores
where {{ is_implausible('value', 'scale_min', 'scale_max') }}
