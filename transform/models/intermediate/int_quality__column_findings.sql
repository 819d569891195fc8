-- What a sleep or a workout was measured to be, column by column, against the seed `plausible_range`.
{% set sleep_columns = [
    'in_bed_s', 'asleep_s', 'awake_s', 'light_s', 'deep_s', 'rem_s', 'no_data_s', 'latency_s', 'waso_s',
    'awakenings', 'disturbances', 'sleep_cycles', 'efficiency_pct', 'performance_pct', 'consistency_pct',
    'respiratory_rate', 'hr_avg', 'hr_min', 'hr_max', 'snoring_s', 'ahi', 'need_baseline_s', 'need_debt_s',
    'need_strain_s', 'need_nap_s',
] -%}
{% set workout_columns = [
    'duration_s', 'pause_s', 'energy_kj', 'distance_m', 'elevation_gain_m', 'elevation_change_m', 'floors',
    'steps', 'hr_avg', 'hr_min', 'hr_max', 'coverage_pct',
] -%}

with sleeps as (
    select * from {{ ref('sleep_sessions') }}
    where {{ is_date_in_range('local_date') }} and deleted_at is null
),

workouts as (
    select * from {{ ref('workouts') }}
    where {{ is_date_in_range('local_date') }} and deleted_at is null
),

metrics as (
    select * from {{ ref('metric') }}
),

ranges as (
    select
        plausible_ranges.entity as entity,
        plausible_ranges.column_name as column_name,
        plausible_ranges.metric_code as metric_code,
        coalesce(plausible_ranges.plausible_low, metrics.plausible_low) as plausible_low,
        coalesce(plausible_ranges.plausible_high, metrics.plausible_high) as plausible_high
    from {{ ref('plausible_range') }} as plausible_ranges
    left join metrics
        on plausible_ranges.metric_code = metrics.metric_code
),

observed as (
    select
        ranges.entity as entity,
        sleeps.sleep_key as row_key,
        ranges.column_name as column_name,
        ranges.metric_code as metric_code,
        ranges.plausible_low as plausible_low,
        ranges.plausible_high as plausible_high,
        case ranges.column_name
            {% for column in sleep_columns -%}
            when '{{ column }}' then sleeps.{{ column }}
            {% endfor -%}
        end as value_num
    from sleeps
    inner join ranges
        on ranges.entity = 'sleep_sessions'
    union all
    select
        ranges.entity as entity,
        workouts.workout_key as row_key,
        ranges.column_name as column_name,
        ranges.metric_code as metric_code,
        ranges.plausible_low as plausible_low,
        ranges.plausible_high as plausible_high,
        case ranges.column_name
            {% for column in workout_columns -%}
            when '{{ column }}' then workouts.{{ column }}
            {% endfor -%}
        end as value_num
    from workouts
    inner join ranges
        on ranges.entity = 'workouts'
)

select
    entity,
    row_key,
    column_name,
    metric_code,
    {{ implausible_rule('value_num', 'plausible_low') }} as rule,
    'warning' as severity,
    {{ implausible_reason(
        ['column_name', "' '", stable_text('value_num', 'numeric')], 'plausible_low', 'plausible_high'
    ) }} as reason
from observed
where {{ is_implausible('value_num', 'plausible_low', 'plausible_high') }}
