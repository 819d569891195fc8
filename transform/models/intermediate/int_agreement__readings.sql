-- What each of several devices said of one thing: of a night or a workout by its episode, of a date by its
-- metric. All devices, the preferred one or not; no copies, nothing that is partial, deleted or doubtful.
{% set text = dbt.type_string() -%}
{% set sleep_times = ['in_bed_s', 'asleep_s', 'light_s', 'deep_s', 'rem_s', 'awake_s'] -%}
{% set sleep_rates = {
    'efficiency_pct': '%', 'respiratory_rate': '/min', 'hr_avg': '/min', 'hr_min': '/min',
} -%}
{% set workout_sums = {'duration_s': 's', 'energy_kj': 'kJ', 'distance_m': 'm'} -%}
{% set workout_rates = {'hr_avg': '/min', 'hr_max': '/min'} -%}
{% set told_by_several -%}
min(source_system) < max(source_system) or min(contributor_key) < max(contributor_key)
{%- endset %}

with sessions as (
    select
        *,
        coalesce(
            device_key, {{ surrogate_key(['source_system', 'source_account_id']) }}
        ) as contributor_key
    from {{ ref('sleep_sessions') }}
    where source_rank is not null and not is_echo
),

compared_sessions as (
    select
        user_id,
        episode_id
    from sessions
    group by user_id, episode_id
    having {{ told_by_several }}
),

nights as (
    select
        user_id,
        episode_id as occasion,
        source_system,
        contributor_key,
        {% for column in sleep_times -%}
        case when count({{ column }}) = count(*) then sum({{ column }}) end as {{ column }},
        {% endfor -%}
        {% for column in sleep_rates -%}
        case when count(*) = 1 then max({{ column }}) end as {{ column }}
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from sessions
    where
        (user_id, episode_id) in (
            select
                compared_sessions.user_id,
                compared_sessions.episode_id
            from compared_sessions
        )
    group by user_id, episode_id, source_system, contributor_key
),

counted_workouts as (
    select
        *,
        coalesce(
            device_key, {{ surrogate_key(['source_system', 'source_account_id']) }}
        ) as contributor_key
    from {{ ref('workouts') }}
    where source_rank is not null and not is_echo
),

compared_workouts as (
    select
        user_id,
        episode_id
    from counted_workouts
    group by user_id, episode_id
    having {{ told_by_several }}
),

workouts as (
    select
        user_id,
        episode_id as occasion,
        source_system,
        contributor_key,
        {% for column in workout_sums -%}
        case when count({{ column }}) = count(*) then sum({{ column }}) end as {{ column }},
        {% endfor -%}
        {% for column in workout_rates -%}
        case when count(*) = 1 then max({{ column }}) end as {{ column }}
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from counted_workouts
    where
        (user_id, episode_id) in (
            select
                compared_workouts.user_id,
                compared_workouts.episode_id
            from compared_workouts
        )
    group by user_id, episode_id, source_system, contributor_key
),

counted_vitals as not materialized (
    select
        *,
        coalesce(
            device_key, {{ surrogate_key(['source_system', 'source_account_id']) }}
        ) as contributor_key
    from {{ ref('biometrics_vitals') }}
    where
        source_rank is not null
        and value_num is not null
        and effective_end_at is not null
        and coalesce(context, '') <> 'profile'
),

-- Only one device tells of most metrics: few rows are left to compare.
compared_metrics as (
    select
        user_id,
        metric_code
    from counted_vitals
    group by user_id, metric_code
    having {{ told_by_several }}
),

-- What belongs to a night is compared there.
vitals as (
    select
        vitals.user_id as user_id,
        vitals.metric_code as metric_code,
        vitals.ucum_unit as ucum_unit,
        vitals.value_num as value_num,
        vitals.source_system as source_system,
        vitals.contributor_key as contributor_key,
        vitals.local_date as local_date,
        vitals.body_position as body_position,
        vitals.statistic as statistic,
        vitals.context as context,
        vitals.effective_start_at as effective_start_at,
        vitals.observation_key as observation_key
    from counted_vitals as vitals
    where
        (vitals.user_id, vitals.metric_code) in (
            select
                compared_metrics.user_id,
                compared_metrics.metric_code
            from compared_metrics
        )
        and not exists (
            select 1
            from sessions
            where
                sessions.raw_relation = vitals.raw_relation
                and sessions.source_account_id = vitals.source_account_id
                and sessions.raw_source_id = vitals.raw_source_id
        )
),

compared_dates as (
    select
        user_id,
        metric_code,
        local_date
    from vitals
    group by user_id, metric_code, local_date
    having {{ told_by_several }}
),

compared_vitals as (
    select
        vitals.*,
        metrics.aggregation as aggregation,
        {{ surrogate_key([
            stable_text('vitals.local_date', 'date'), 'vitals.body_position', 'vitals.statistic',
            "case when vitals.statistic = 'mean' then vitals.context end"
        ]) }} as occasion
    from vitals
    inner join {{ ref('metric') }} as metrics
        on vitals.metric_code = metrics.metric_code
    where
        (vitals.user_id, vitals.metric_code, vitals.local_date) in (
            select
                compared_dates.user_id,
                compared_dates.metric_code,
                compared_dates.local_date
            from compared_dates
        )
),

ordered_vitals as (
    select
        *,
        row_number() over (
            partition by user_id, metric_code, occasion, source_system, contributor_key
            order by effective_start_at desc, observation_key asc
        ) as recency_rank
    from compared_vitals
),

days as (
    select
        user_id,
        metric_code,
        ucum_unit,
        occasion,
        source_system,
        contributor_key,
        case aggregation
            when 'sum' then sum(value_num)
            when 'max' then max(value_num)
            when 'min' then min(value_num)
            when 'last' then max(case when recency_rank = 1 then value_num end)
            when 'mean' then {{ rounded_quotient('sum(value_num)', 'count(value_num)', 6) }}
        end as reading
    from ordered_vitals
    group by
        user_id, metric_code, ucum_unit, aggregation, occasion, source_system, contributor_key
)

{% for column in sleep_times + sleep_rates.keys() | list -%}
select
    user_id,
    'sleep' as compared_by,
    '{{ column }}' as metric,
    '{{ sleep_rates.get(column, 's') }}' as ucum_unit,
    occasion,
    source_system,
    contributor_key,
    {{ column }} as reading
from nights
where {{ column }} is not null
union all
{% endfor -%}
{% for column, unit in (workout_sums.items() | list) + (workout_rates.items() | list) -%}
select
    user_id,
    'workout' as compared_by,
    '{{ column }}' as metric,
    '{{ unit }}' as ucum_unit,
    occasion,
    source_system,
    contributor_key,
    {{ column }} as reading
from workouts
where {{ column }} is not null
union all
{% endfor -%}
select
    user_id,
    'date' as compared_by,
    metric_code as metric,
    ucum_unit,
    occasion,
    source_system,
    contributor_key,
    reading
from days
