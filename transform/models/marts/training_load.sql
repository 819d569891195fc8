-- Energy of workouts, because both vendors measure it and it adds up: strain does not, and zones of two
-- vendors are not the same. A day of which nothing is known is no day of rest.
{% set acute_days_needed = 5 -%}
{% set chronic_days_needed = 20 -%}

with days as (
    select
        user_id,
        local_date,
        is_over,
        workouts_status,
        workouts,
        workouts_source,
        workout_energy_kj,
        strain,
        case when is_over then workout_energy_kj end as known_kj
    from {{ ref('daily_facts') }}
),

summed as (
    select
        *,
        count(known_kj) over (
            partition by user_id
            order by local_date
            rows between 6 preceding and current row
        ) as acute_days_known,
        sum(known_kj) over (
            partition by user_id
            order by local_date
            rows between 6 preceding and current row
        ) as acute_sum_kj,
        count(known_kj) over (
            partition by user_id
            order by local_date
            rows between 27 preceding and current row
        ) as chronic_days_known,
        sum(known_kj) over (
            partition by user_id
            order by local_date
            rows between 27 preceding and current row
        ) as chronic_sum_kj
    from days
),

averaged as (
    select
        *,
        case
            when acute_days_known >= {{ acute_days_needed }}
                then {{ rounded_quotient('acute_sum_kj', 'acute_days_known', 3) }}
        end as acute_load_kj,
        case
            when chronic_days_known >= {{ chronic_days_needed }}
                then {{ rounded_quotient('chronic_sum_kj', 'chronic_days_known', 3) }}
        end as chronic_load_kj
    from summed
)

select
    user_id,
    local_date,
    is_over,
    workouts_status as load_status,
    workouts,
    workout_energy_kj as load_kj,
    workouts_source as load_source,
    acute_load_kj,
    cast(acute_days_known as integer) as acute_days_known,
    chronic_load_kj,
    cast(chronic_days_known as integer) as chronic_days_known,
    {{ rounded_quotient('acute_load_kj', 'nullif(chronic_load_kj, 0)', 3) }} as acute_chronic_ratio,
    strain
from averaged
