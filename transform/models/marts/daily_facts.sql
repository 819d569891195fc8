-- One row per person and date. A value is made of its rows in `daily_fact_sources`; where one of them
-- lacks it, it is unknown. Nothing is zero because it is missing.
{{ config(**replaced_by_date('int_changes__told_days')) }}
{% set night = ['in_bed_s', 'asleep_s', 'light_s', 'deep_s', 'rem_s', 'awake_s', 'efficiency_pct'] -%}
{% set recovery = [
    'recovery_score', 'resting_heart_rate', 'hrv_rmssd', 'respiratory_rate', 'spo2', 'skin_temperature',
] -%}
{% set activity = ['steps', 'energy_total_kcal', 'distance_m', 'strain'] -%}
{% set body = ['body_weight', 'body_fat_pct'] -%}
{% set sourced = ['sleep_need_s'] + recovery + activity + body -%}

with days as (
    select * from {{ ref('int_daily__days') }}
    where {{ is_date_in_range('local_date') }}
),

parts as (
    select
        *,
        row_number() over (
            partition by user_id, local_date, metric
            order by started_at asc, canonical_key asc
        ) as start_rank,
        row_number() over (
            partition by user_id, local_date, metric
            order by ended_at desc, canonical_key asc
        ) as end_rank
    from {{ ref('daily_fact_sources') }}
    where {{ is_date_in_range('local_date') }}
),

combined as (
    select
        user_id,
        local_date,
        metric,
        case
            when count(value_num) < count(*) then null
            when count(*) = 1 then max(value_num)
            when max(combined_by) = 'mean'
                then {{ rounded_quotient('sum(value_num * weight)', 'nullif(sum(weight), 0)', 3) }}
            else sum(value_num)
        end as value_num,
        case when min(source_system) = max(source_system) then min(source_system) else 'several' end
            as source_system,
        count(*) as parts,
        count(case when score_state = 'PENDING_SCORE' then 1 end) as pending_parts,
        count(case when score_state = 'UNSCORABLE' then 1 end) as unscorable_parts,
        max(case when start_rank = 1 then started_local end) as started_local,
        max(case when end_rank = 1 then ended_local end) as ended_local
    from parts
    group by user_id, local_date, metric
),

facts as (
    select
        user_id,
        local_date,
        {% for metric in night -%}
        max(case when metric = '{{ metric }}' then value_num end) as {{ metric }},
        {% endfor -%}
        {% for metric in sourced -%}
        max(case when metric = '{{ metric }}' then value_num end) as {{ metric }},
        max(case when metric = '{{ metric }}' and value_num is not null then source_system end)
            as {{ metric }}_source,
        {% endfor -%}
        max(case when metric = 'in_bed_s' then source_system end) as sleep_source,
        max(case when metric = 'in_bed_s' then started_local end) as bed_local,
        max(case when metric = 'in_bed_s' then ended_local end) as wake_local,
        max(case when metric = 'in_bed_s' then parts end) as night_sleeps,
        max(case when metric = 'in_bed_s' then pending_parts end) as pending_sleeps,
        max(case when metric = 'naps' then value_num end) as naps,
        max(case when metric = 'nap_asleep_s' then value_num end) as nap_asleep_s,
        max(case when metric = 'naps' then source_system end) as nap_source,
        max(case when metric = 'workouts' then value_num end) as workouts,
        max(case when metric = 'workout_duration_s' then value_num end) as workout_duration_s,
        max(case when metric = 'workout_energy_kj' then value_num end) as workout_energy_kj,
        max(case when metric = 'workouts' then source_system end) as workouts_source,
        max(case when metric = 'workouts' then pending_parts end) as pending_workouts,
        max(case when metric = 'workout_energy_kj' then parts end) as exercises,
        max(case when metric = 'workout_energy_kj' then unscorable_parts end) as unscorable_exercises
    from combined
    group by user_id, local_date
),

dated as (
    select
        days.user_id as user_id,
        days.local_date as local_date,
        days.is_over as is_over,
        days.sleep_told as sleep_told,
        days.workouts_told as workouts_told,
        case
            when facts.asleep_s is not null then 'observed'
            when facts.pending_sleeps > 0 then 'pending_score'
            when facts.night_sleeps > 0 then 'unscorable'
            when days.sleep_told in ('received', 'nothing_recorded') then 'not_worn'
            else days.sleep_told
        end as sleep_status,
        case
            when
                coalesce(facts.recovery_score, facts.resting_heart_rate, facts.hrv_rmssd) is not null
                then 'observed'
            when days.recovery_told = 'received' then 'unscorable'
            when days.recovery_told = 'nothing_recorded' then 'not_worn'
            else days.recovery_told
        end as recovery_status,
        case
            when facts.steps = 0 and coalesce(facts.distance_m, 0) = 0 then 'true_zero'
            when
                coalesce(facts.steps, facts.energy_total_kcal, facts.distance_m, facts.strain) is not null
                then 'observed'
            when days.activity_told = 'received' then 'unscorable'
            when days.activity_told = 'nothing_recorded' then 'not_worn'
            else days.activity_told
        end as activity_status,
        case
            when coalesce(facts.body_weight, facts.body_fat_pct) is not null then 'observed'
            when days.body_told in ('received', 'nothing_recorded') then 'not_measured'
            else days.body_told
        end as body_status,
        facts.sleep_source as sleep_source,
        facts.bed_local as bed_local,
        facts.wake_local as wake_local,
        facts.night_sleeps as night_sleeps,
        {% for metric in night -%}
        facts.{{ metric }} as {{ metric }},
        {% endfor -%}
        facts.naps as naps,
        facts.nap_asleep_s as nap_asleep_s,
        facts.nap_source as nap_source,
        facts.workouts as workouts,
        facts.workout_duration_s as workout_duration_s,
        facts.workout_energy_kj as workout_energy_kj,
        facts.workouts_source as workouts_source,
        facts.pending_workouts as pending_workouts,
        facts.exercises as exercises,
        facts.unscorable_exercises as unscorable_exercises,
        {% for metric in sourced -%}
        facts.{{ metric }} as {{ metric }},
        facts.{{ metric }}_source as {{ metric }}_source
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from days
    left join facts
        on
            days.user_id = facts.user_id
            and days.local_date = facts.local_date
),

-- No workout is zero workouts only where something was worn.
judged as (
    select
        *,
        case
            when pending_workouts > 0 then 'pending_score'
            when unscorable_exercises > 0 then 'unscorable'
            when workouts > 0 then 'observed'
            when workouts_told not in ('received', 'nothing_recorded') then workouts_told
            when activity_status in ('not_worn', 'not_yet_asked') then activity_status
            else 'true_zero'
        end as workouts_status,
        naps is null
        and is_over
        and sleep_status in ('observed', 'pending_score', 'unscorable')
        and sleep_told in ('received', 'pending_score') as is_without_nap
    from dated
)

select
    user_id,
    local_date,
    is_over,
    sleep_status,
    sleep_source,
    bed_local,
    wake_local,
    cast(night_sleeps as integer) as night_sleeps,
    {{ night | join(',\n    ') }},
    sleep_need_s,
    sleep_need_s_source,
    cast(case when is_without_nap then 0 else naps end as integer) as naps,
    case when is_without_nap then 0 else nap_asleep_s end as nap_asleep_s,
    nap_source,
    recovery_status,
    {% for metric in recovery -%}
    {{ metric }},
    {{ metric }}_source,
    {% endfor -%}
    activity_status,
    {% for metric in activity -%}
    {{ metric }},
    {{ metric }}_source,
    {% endfor -%}
    workouts_status,
    cast(case when workouts_status = 'true_zero' then 0 else workouts end as integer) as workouts,
    case when workouts_status = 'true_zero' then 0 else workout_duration_s end as workout_duration_s,
    case
        when workouts_status = 'true_zero' then 0
        when workouts > 0 and exercises is null then 0
        else workout_energy_kj
    end as workout_energy_kj,
    workouts_source,
    body_status,
    {% for metric in body -%}
    {{ metric }},
    {{ metric }}_source
    {%- if not loop.last %},{% endif %}
    {% endfor %}
from judged
where {{ is_of_changed_day('judged', 'int_changes__told_days') }}
