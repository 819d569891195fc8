-- One row per measured value. A missing value is no row: it is not zero.
{% set metrics = [
    ('recoveries', 'resting_heart_rate', 'resting_heart_rate', 'point', 'sleep'),
    ('recoveries', 'hrv_rmssd', 'hrv_rmssd_ms', 'point', 'sleep'),
    ('recoveries', 'spo2', 'spo2_pct', 'point', 'sleep'),
    ('recoveries', 'skin_temperature', 'skin_temperature_c', 'point', 'sleep'),
    ('sleeps', 'respiratory_rate', 'respiratory_rate', 'mean', 'sleep'),
    ('cycles', 'max_heart_rate_day', 'hr_max', 'max', 'cycle'),
    ('cycles', 'steps_day', 'steps', 'sum', 'cycle'),
    ('cycles', 'energy_total_day', 'energy_kcal', 'sum', 'cycle'),
    ('body_measurements', 'body_weight', 'weight_kg', 'point', 'profile'),
    ('body_measurements', 'body_height', 'height_m', 'point', 'profile'),
] -%}

with recoveries as (
    select * from {{ ref('stg_whoop__recoveries') }}
),

recovery_times as (
    select * from {{ ref('int_whoop__recovery_times') }}
),

sleeps as (
    select * from {{ ref('stg_whoop__sleeps') }}
),

cycles as (
    select * from {{ ref('stg_whoop__cycles') }}
),

cycle_dates as (
    select * from {{ ref('int_whoop__cycle_dates') }}
),

body_measurements as (
    select * from {{ ref('stg_whoop__body_measurements') }}
),

members as (
    select * from {{ ref('int_whoop__users') }}
),

timed_recoveries as (
    select
        {{ lineage_columns('recoveries') }},
        'sensed' as modality,
        recovery_times.effective_at as effective_start_at,
        recovery_times.effective_at as effective_end_at,
        recovery_times.utc_offset_min as utc_offset_min,
        recovery_times.tz_evidence as tz_evidence,
        recovery_times.local_date as source_local_date,
        recovery_times.local_date_rule as source_local_date_rule,
        recoveries.resting_heart_rate as resting_heart_rate,
        recoveries.hrv_rmssd_ms as hrv_rmssd_ms,
        recoveries.spo2_pct as spo2_pct,
        recoveries.skin_temperature_c as skin_temperature_c
    from recoveries
    inner join recovery_times
        on recoveries.raw_source_id = recovery_times.raw_source_id
),

timed_sleeps as (
    select
        {{ lineage_columns() }},
        modality,
        in_bed_start_at as effective_start_at,
        in_bed_end_at as effective_end_at,
        in_bed_end_utc_offset_min as utc_offset_min,
        tz_evidence,
        cast(null as date) as source_local_date,
        cast(null as {{ dbt.type_string() }}) as source_local_date_rule,
        respiratory_rate
    from sleeps
),

timed_cycles as (
    select
        {{ lineage_columns('cycles') }},
        'sensed' as modality,
        cycles.cycle_start_at as effective_start_at,
        cycles.cycle_end_at as effective_end_at,
        cycles.utc_offset_min as utc_offset_min,
        cycles.tz_evidence as tz_evidence,
        cycle_dates.local_date as source_local_date,
        cycle_dates.local_date_rule as source_local_date_rule,
        cycles.hr_max as hr_max,
        cycles.steps as steps,
        cycles.energy_kcal as energy_kcal
    from cycles
    inner join cycle_dates
        on cycles.raw_source_id = cycle_dates.cycle_id
),

-- The API gives the current profile value and no date: it is known to hold when it was read.
timed_body_measurements as (
    select
        {{ lineage_columns('body_measurements') }},
        'self_reported' as modality,
        body_measurements.synced_at as effective_start_at,
        body_measurements.synced_at as effective_end_at,
        members.default_utc_offset_min as utc_offset_min,
        case
            when members.default_utc_offset_min is null then 'default' else 'user_history'
        end as tz_evidence,
        cast(null as date) as source_local_date,
        cast(null as {{ dbt.type_string() }}) as source_local_date_rule,
        body_measurements.weight_kg as weight_kg,
        body_measurements.height_m as height_m
    from body_measurements
    inner join members
        on body_measurements.source_account_id = members.source_account_id
)

{% for relation, metric_code, value, statistic, context in metrics -%}
select
    {{ lineage_columns() }},
    modality,
    '{{ metric_code }}' as metric_code,
    {{ value }} as value_num,
    '{{ statistic }}' as statistic,
    '{{ context }}' as context,
    effective_start_at,
    effective_end_at,
    utc_offset_min as effective_start_utc_offset_min,
    utc_offset_min as effective_end_utc_offset_min,
    tz_evidence,
    source_local_date,
    source_local_date_rule
from timed_{{ relation }}
where {{ value }} is not null
{% if not loop.last %}union all{% endif %}
{% endfor %}
