-- The values that a day is told by: of each metric one kind and one source, since a mean and a spot value
-- are not mixed, and of those that do not add up the one that holds.
{% set metrics = {
    'resting_heart_rate': 'resting_heart_rate',
    'hrv_rmssd': 'hrv_rmssd',
    'respiratory_rate': 'respiratory_rate',
    'spo2': 'spo2',
    'skin_temperature': 'skin_temperature',
    'body_weight': 'body_weight',
    'body_fat_pct': 'body_fat_pct',
    'steps_day': 'steps',
    'energy_total_day': 'energy_total_kcal',
    'distance_day': 'distance_m',
} -%}

with named as (
    select
        *,
        case metric_code
            {% for metric_code, metric in metrics.items() -%}
            when '{{ metric_code }}' then '{{ metric }}'
            {% endfor -%}
        end as metric
    from {{ ref('biometrics_vitals') }}
    where {{ is_date_in_range('local_date') }}
),

vitals as (
    select * from named
    where
        metric is not null
        and source_rank is not null
        and value_num is not null
        and local_date is not null
        -- What a profile says is of no day.
        and coalesce(context, '') <> 'profile'
),

-- What was measured in a nap is not of the night.
of_naps as (
    select
        raw_relation,
        source_account_id,
        raw_source_id
    from {{ ref('sleep_sessions') }}
    where not is_main_sleep
),

ranked as (
    select
        *,
        dense_rank() over (
            partition by user_id, local_date, metric
            order by
                case when body_position is null then 0 else 1 end,
                coalesce(body_position, ''),
                coalesce(statistic, ''),
                case when statistic = 'mean' then coalesce(context, '') else '' end,
                source_rank
        ) as kind_rank
    from vitals
    where
        not exists (
            select 1
            from of_naps
            where
                of_naps.raw_relation = vitals.raw_relation
                and of_naps.source_account_id = vitals.source_account_id
                and of_naps.raw_source_id = vitals.raw_source_id
        )
),

chosen as (
    select
        ranked.observation_key as observation_key,
        ranked.metric as metric,
        metrics.aggregation as combined_by,
        row_number() over (
            partition by ranked.user_id, ranked.local_date, ranked.metric
            order by
                case metrics.aggregation
                    when 'max' then -ranked.value_num
                    when 'min' then ranked.value_num
                end asc,
                ranked.effective_start_at desc,
                ranked.observation_key asc
        ) as choice_rank
    from ranked
    inner join {{ ref('metric') }} as metrics
        on ranked.metric_code = metrics.metric_code
    where ranked.kind_rank = 1
)

select
    observation_key,
    metric,
    combined_by
from chosen
where combined_by in ('sum', 'mean') or choice_rank = 1
