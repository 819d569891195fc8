-- One row per record and score. A pending or unscorable record has its row without a value; a scored
-- one that lacks a score, as those of new members do, has none. Sleep efficiency is a share of measured
-- times, not a score.
{% set text = dbt.type_string() -%}
{% set scores = [
    ('recoveries', 'whoop.recovery', 'recovery_score'),
    ('cycles', 'whoop.strain', 'strain'),
    ('workouts', 'whoop.workout_strain', 'strain'),
    ('sleeps', 'whoop.sleep_performance', 'performance_pct'),
    ('sleeps', 'whoop.sleep_consistency', 'consistency_pct'),
] -%}

with recoveries as (
    select * from {{ ref('stg_whoop__recoveries') }}
),

recovery_times as (
    select * from {{ ref('int_whoop__recovery_times') }}
),

cycles as (
    select * from {{ ref('int_whoop__cycles') }}
),

workouts as (
    select * from {{ ref('stg_whoop__workouts') }}
),

sleeps as (
    select * from {{ ref('stg_whoop__sleeps') }}
),

timed_recoveries as (
    select
        {{ lineage_columns('recoveries') }},
        recoveries.recovery_score as recovery_score,
        recoveries.score_state as score_state,
        recoveries.is_calibrating as is_calibrating,
        recoveries.related_sleep_id as related_sleep_id,
        recoveries.related_cycle_id as related_cycle_id,
        cast(null as {{ text }}) as related_workout_id,
        recovery_times.effective_at as effective_start_at,
        recovery_times.utc_offset_min as effective_start_utc_offset_min,
        recovery_times.effective_at as effective_end_at,
        recovery_times.utc_offset_min as effective_end_utc_offset_min,
        recovery_times.tz_evidence as tz_evidence,
        recovery_times.local_date as source_local_date,
        recovery_times.local_date_rule as source_local_date_rule
    from recoveries
    inner join recovery_times
        on recoveries.raw_source_id = recovery_times.raw_source_id
),

timed_cycles as (
    select
        {{ lineage_columns() }},
        strain,
        score_state,
        cast(null as boolean) as is_calibrating,
        cast(null as {{ text }}) as related_sleep_id,
        raw_source_id as related_cycle_id,
        cast(null as {{ text }}) as related_workout_id,
        cycle_start_at as effective_start_at,
        cycle_start_utc_offset_min as effective_start_utc_offset_min,
        cycle_end_at as effective_end_at,
        cycle_end_utc_offset_min as effective_end_utc_offset_min,
        tz_evidence,
        source_local_date,
        source_local_date_rule
    from cycles
),

timed_workouts as (
    select
        {{ lineage_columns() }},
        strain,
        score_state,
        cast(null as boolean) as is_calibrating,
        cast(null as {{ text }}) as related_sleep_id,
        cast(null as {{ text }}) as related_cycle_id,
        raw_source_id as related_workout_id,
        start_at as effective_start_at,
        start_utc_offset_min as effective_start_utc_offset_min,
        end_at as effective_end_at,
        end_utc_offset_min as effective_end_utc_offset_min,
        tz_evidence,
        cast({{ to_local('start_at', 'start_utc_offset_min') }} as date) as source_local_date,
        'start' as source_local_date_rule
    from workouts
),

timed_sleeps as (
    select
        {{ lineage_columns() }},
        performance_pct,
        consistency_pct,
        score_state,
        cast(null as boolean) as is_calibrating,
        raw_source_id as related_sleep_id,
        related_cycle_id,
        cast(null as {{ text }}) as related_workout_id,
        in_bed_start_at as effective_start_at,
        in_bed_start_utc_offset_min as effective_start_utc_offset_min,
        in_bed_end_at as effective_end_at,
        in_bed_end_utc_offset_min as effective_end_utc_offset_min,
        tz_evidence,
        cast({{ to_local('in_bed_end_at', 'in_bed_end_utc_offset_min') }} as date) as source_local_date,
        'wake' as source_local_date_rule
    from sleeps
)

{% for relation, score_code, score in scores -%}
select
    {{ lineage_columns() }},
    'derived' as modality,
    '{{ score_code }}' as score_code,
    {{ score }} as value,
    score_state,
    is_calibrating,
    related_sleep_id,
    related_cycle_id,
    related_workout_id,
    effective_start_at,
    effective_start_utc_offset_min,
    effective_end_at,
    effective_end_utc_offset_min,
    tz_evidence,
    source_local_date,
    source_local_date_rule
from timed_{{ relation }}
where {{ score }} is not null or score_state <> 'SCORED'
{% if not loop.last %}union all{% endif %}
{% endfor %}
