-- Every number of a day is made of rows that lead to records in the raw tables. Only a zero is not: it
-- stands for what the vendors were asked for and have not. A build asks of the days that it made anew.
{% set sums = [
    'in_bed_s', 'asleep_s', 'light_s', 'deep_s', 'rem_s', 'awake_s', 'naps', 'nap_asleep_s', 'steps',
    'energy_total_kcal', 'distance_m', 'workouts', 'workout_duration_s', 'workout_energy_kj',
] -%}
{% set others = [
    'efficiency_pct', 'sleep_need_s', 'recovery_score', 'resting_heart_rate', 'hrv_rmssd',
    'respiratory_rate', 'spo2', 'skin_temperature', 'strain', 'body_weight', 'body_fat_pct',
] -%}

with facts as (
    select facts.*
    from {{ ref('daily_facts') }} as facts
    where {{ is_among_days('facts', ref('int_changes__told_days')) }}
),

sources as (
    select sources.*
    from {{ ref('daily_fact_sources') }} as sources
    where {{ is_among_days('sources', ref('int_changes__told_days')) }}
),

numbers as (
    {% for metric in sums + others -%}
    select
        user_id,
        local_date,
        '{{ metric }}' as metric,
        {{ metric }} as fact_value,
        {{ 'true' if metric in sums else 'false' }} as is_sum
    from facts
    where {{ metric }} is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

records as (
    select distinct
        raw_relation,
        source_account_id,
        raw_source_id
    from {{ ref('int_sync__records') }}
),

parts as (
    select
        sources.user_id as user_id,
        sources.local_date as local_date,
        sources.metric as metric,
        count(*) as parts,
        count(records.raw_source_id) as parts_with_a_record,
        sum(sources.value_num) as parts_sum,
        min(sources.value_num) as parts_min,
        max(sources.value_num) as parts_max
    from sources
    left join records
        on
            sources.raw_relation = records.raw_relation
            and sources.source_account_id = records.source_account_id
            and sources.raw_source_id = records.raw_source_id
    group by sources.user_id, sources.local_date, sources.metric
)

select
    numbers.user_id as user_id,
    numbers.local_date as local_date,
    numbers.metric as metric
from numbers
left join parts
    on
        numbers.user_id = parts.user_id
        and numbers.local_date = parts.local_date
        and numbers.metric = parts.metric
where
    case
        when parts.metric is null
            then
                numbers.fact_value <> 0
                or numbers.metric not in (
                    'naps', 'nap_asleep_s', 'workouts', 'workout_duration_s', 'workout_energy_kj'
                )
        when parts.parts_with_a_record < parts.parts then true
        when numbers.is_sum then numbers.fact_value <> parts.parts_sum
        -- A mean is rounded to three places.
        else numbers.fact_value not between parts.parts_min - 0.001 and parts.parts_max + 0.001
    end
union all
-- Nor is there a row that leads nowhere.
select
    user_id,
    local_date,
    metric
from parts
where parts_with_a_record < parts
