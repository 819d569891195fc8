with accepted as (
    select * from {{ ref('int_withings__accepted_measures') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by user_id, metric_code, body_position
            order by measured_at asc, observation_key asc
        ) as rank_from_first,
        row_number() over (
            partition by user_id, metric_code, body_position
            order by measured_at desc, observation_key desc
        ) as rank_from_last
    from accepted
    where value_num is not null
)

select
    user_id,
    metric_code,
    body_position,
    ucum_unit,
    count(*) as measurement_count,
    min(measured_at) as first_measured_at,
    max(case when rank_from_first = 1 then value_num end) as first_value,
    max(measured_at) as last_measured_at,
    max(case when rank_from_last = 1 then value_num end) as last_value,
    min(value_num) as min_value,
    max(value_num) as max_value,
    {{ rounded_quotient('sum(value_num)', 'count(value_num)', 6) }} as mean_value
from ranked
group by user_id, metric_code, body_position, ucum_unit
