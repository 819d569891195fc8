-- One row per date with a weigh-in: nothing is made up in between. Each weigh-in bears on the trend of
-- the 60 days from its own, half as much with every week, so that a gap forgets what was before it.
{% set half_life_days = 7 -%}
{% set window_days = 60 -%}
{% set gap_days = 14 -%}

with weights as (
    select
        user_id,
        local_date,
        body_weight as weight_kg,
        body_weight_source as weight_source,
        lag(local_date) over (partition by user_id order by local_date) as previous_date,
        lag(body_weight) over (partition by user_id order by local_date) as previous_kg,
        lead(local_date) over (partition by user_id order by local_date) as next_date,
        lead(body_weight) over (partition by user_id order by local_date) as next_kg
    from {{ ref('daily_facts') }}
    where body_weight is not null
),

-- Nobody gains and loses a twentieth within two weeks: somebody else stood on the scale.
weigh_ins as (
    select
        user_id,
        local_date,
        weight_kg,
        weight_source,
        previous_date,
        coalesce(
            next_date <= {{ dbt.dateadd('day', 14, 'previous_date') }}
            and abs(weight_kg - previous_kg) > 0.05 * previous_kg
            and abs(weight_kg - next_kg) > 0.05 * next_kg
            and abs(next_kg - previous_kg) <= 0.05 * previous_kg,
            false
        ) as is_outlier
    from weights
),

-- Written out, because no two engines agree on the last digits of a power.
decay as (
    {% for days in range(window_days) -%}
    select
        {{ days }} as days_ago,
        {{ '%.6f' | format(0.5 ** (days / half_life_days)) }} as weight
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

spread as (
    select
        weigh_ins.user_id as user_id,
        cast({{ dbt.dateadd('day', 'decay.days_ago', 'weigh_ins.local_date') }} as date) as local_date,
        weigh_ins.local_date as measured_on,
        weigh_ins.weight_kg as weight_kg,
        decay.days_ago as days_ago,
        decay.weight as weight
    from weigh_ins
    cross join decay
    where not weigh_ins.is_outlier
),

-- The change of a week is told against the newest weigh-in that is one week to four weeks older.
smoothed as (
    select
        weigh_ins.user_id as user_id,
        weigh_ins.local_date as local_date,
        weigh_ins.weight_kg as weight_kg,
        weigh_ins.weight_source as weight_source,
        weigh_ins.previous_date as previous_date,
        weigh_ins.is_outlier as is_outlier,
        {{ rounded_quotient('sum(spread.weight_kg * spread.weight)', 'sum(spread.weight)', 3) }} as trend_kg,
        count(*) as weigh_ins_60d,
        max(case when spread.days_ago between 7 and 28 then spread.measured_on end) as compared_with
    from weigh_ins
    inner join spread
        on
            weigh_ins.user_id = spread.user_id
            and weigh_ins.local_date = spread.local_date
    group by
        weigh_ins.user_id, weigh_ins.local_date, weigh_ins.weight_kg, weigh_ins.weight_source,
        weigh_ins.previous_date, weigh_ins.is_outlier
),

dated as (
    select
        smoothed.user_id as user_id,
        smoothed.local_date as local_date,
        smoothed.weight_kg as weight_kg,
        smoothed.weight_source as weight_source,
        smoothed.is_outlier as is_outlier,
        smoothed.trend_kg as trend_kg,
        cast(smoothed.weigh_ins_60d as integer) as weigh_ins_60d,
        smoothed.compared_with as compared_with,
        former.trend_kg as former_trend_kg,
        cast({{ dbt.datediff('smoothed.compared_with', 'smoothed.local_date', 'day') }} as integer)
            as compared_days,
        cast({{ dbt.datediff('smoothed.previous_date', 'smoothed.local_date', 'day') }} as integer)
            as days_since_previous
    from smoothed
    left join smoothed as former
        on
            smoothed.user_id = former.user_id
            and smoothed.compared_with = former.local_date
)

select
    user_id,
    local_date,
    weight_kg,
    weight_source,
    is_outlier,
    trend_kg,
    weigh_ins_60d,
    {{ rounded_quotient('(trend_kg - former_trend_kg) * 7', 'compared_days', 3) }} as change_per_week_kg,
    compared_with,
    days_since_previous,
    coalesce(days_since_previous > {{ gap_days }}, true) as is_gap
from dated
