-- What the values of each day are made of. `daily_facts` is made of these rows and nothing else, so
-- every number leads back to the records that it came from.
{{ config(**replaced_by_date('int_changes__days')) }}
{% set sleep_values = [
    ('in_bed_s', 'night', 'in_bed_s', 'sum', '1'),
    ('asleep_s', 'night', 'asleep_s', 'sum', '1'),
    ('light_s', 'night', 'light_s', 'sum', '1'),
    ('deep_s', 'night', 'deep_s', 'sum', '1'),
    ('rem_s', 'night', 'rem_s', 'sum', '1'),
    ('awake_s', 'night', 'awake_s', 'sum', '1'),
    ('efficiency_pct', 'night', 'efficiency_pct', 'mean', 'cast(' ~ rounded('in_bed_s', 0) ~ ' as integer)'),
    ('sleep_need_s', 'need', 'need_baseline_s + need_strain_s', 'last', '1'),
    ('naps', 'nap', '1', 'sum', '1'),
    ('nap_asleep_s', 'nap', 'asleep_s', 'sum', '1'),
] -%}
{% set workout_values = [
    ('workouts', '1', 'true'),
    ('workout_duration_s', 'duration_s', 'true'),
    ('workout_energy_kj', 'energy_kj', "activity_code not in ('sauna', 'ice_bath')"),
] -%}
{% set scores = {'whoop.recovery': 'recovery_score', 'whoop.strain': 'strain'} -%}
{% set lineage = ['source_system', 'source_account_id', 'device_key', 'raw_relation', 'raw_source_id'] -%}

with parts_of_day as (
    select * from {{ ref('int_daily__sleeps') }}
),

sleeps as (
    select
        parts_of_day.part_of_day as part_of_day,
        sessions.user_id as user_id,
        sessions.local_date as local_date,
        sessions.sleep_key as sleep_key,
        sessions.score_state as score_state,
        {% for column in lineage -%}
        sessions.{{ column }} as {{ column }},
        {% endfor -%}
        sessions.in_bed_start_at as in_bed_start_at,
        sessions.in_bed_start_local as in_bed_start_local,
        sessions.in_bed_end_at as in_bed_end_at,
        sessions.in_bed_end_local as in_bed_end_local,
        sessions.in_bed_s as in_bed_s,
        sessions.asleep_s as asleep_s,
        sessions.light_s as light_s,
        sessions.deep_s as deep_s,
        sessions.rem_s as rem_s,
        sessions.awake_s as awake_s,
        sessions.efficiency_pct as efficiency_pct,
        sessions.need_baseline_s as need_baseline_s,
        sessions.need_strain_s as need_strain_s
    from {{ ref('sleep_sessions') }} as sessions
    inner join parts_of_day
        on sessions.sleep_key = parts_of_day.sleep_key
    where {{ is_date_in_range('sessions.local_date') }}
),

-- Heat and cold are no exercise: they count as workouts, but nobody expects them to have an energy.
workouts as (
    select * from {{ ref('workouts') }}
    where is_preferred and {{ is_date_in_range('local_date') }}
),

choices as (
    select * from {{ ref('int_daily__vitals') }}
),

-- A date has one score of each kind: strains of two cycles do not add up.
ranked_scores as (
    select
        *,
        row_number() over (
            partition by user_id, local_date, score_code
            order by
                case when value is null then 1 else 0 end asc,
                effective_start_at desc,
                score_key asc
        ) as score_rank
    from {{ ref('source_scores') }}
    where deleted_at is null and local_date is not null and {{ is_date_in_range('local_date') }}
),

sources as (
    {% for metric, part_of_day, part, combined_by, weight in sleep_values -%}
    select
        user_id,
        local_date,
        '{{ metric }}' as metric,
        {{ part }} as value_num,
        '{{ combined_by }}' as combined_by,
        {{ weight }} as weight,
        'canonical.sleep_sessions' as canonical_relation,
        sleep_key as canonical_key,
        score_state,
        {{ lineage | join(',\n    ') }},
        cast(null as {{ dbt.type_string() }}) as raw_source_part,
        in_bed_start_at as started_at,
        in_bed_start_local as started_local,
        in_bed_end_at as ended_at,
        in_bed_end_local as ended_local
    from sleeps
    where part_of_day = '{{ part_of_day }}'
    union all
    {% endfor -%}
    {% for metric, part, condition in workout_values -%}
    select
        user_id,
        local_date,
        '{{ metric }}' as metric,
        {{ part }} as value_num,
        'sum' as combined_by,
        1 as weight,
        'canonical.workouts' as canonical_relation,
        workout_key as canonical_key,
        score_state,
        {{ lineage | join(',\n    ') }},
        cast(null as {{ dbt.type_string() }}) as raw_source_part,
        start_at as started_at,
        start_local as started_local,
        end_at as ended_at,
        end_local as ended_local
    from workouts
    where {{ condition }}
    union all
    {% endfor -%}
    {% for score_code, metric in scores.items() -%}
    select
        user_id,
        local_date,
        '{{ metric }}' as metric,
        value as value_num,
        'last' as combined_by,
        1 as weight,
        'canonical.source_scores' as canonical_relation,
        score_key as canonical_key,
        score_state,
        source_system,
        source_account_id,
        cast(null as {{ dbt.type_string() }}) as device_key,
        raw_relation,
        raw_source_id,
        cast(null as {{ dbt.type_string() }}) as raw_source_part,
        effective_start_at as started_at,
        effective_start_local as started_local,
        effective_end_at as ended_at,
        effective_end_local as ended_local
    from ranked_scores
    where score_code = '{{ score_code }}' and score_rank = 1
    union all
    {% endfor -%}
    select
        vitals.user_id as user_id,
        vitals.local_date as local_date,
        choices.metric as metric,
        vitals.value_num as value_num,
        choices.combined_by as combined_by,
        1 as weight,
        'canonical.biometrics_vitals' as canonical_relation,
        vitals.observation_key as canonical_key,
        cast(null as {{ dbt.type_string() }}) as score_state,
        {% for column in lineage -%}
        vitals.{{ column }} as {{ column }},
        {% endfor -%}
        vitals.raw_source_part as raw_source_part,
        vitals.effective_start_at as started_at,
        vitals.effective_start_local as started_local,
        vitals.effective_end_at as ended_at,
        vitals.effective_end_local as ended_local
    from {{ ref('biometrics_vitals') }} as vitals
    inner join choices
        on vitals.observation_key = choices.observation_key
    where {{ is_date_in_range('vitals.local_date') }}
)

select *
from sources
where {{ is_of_changed_day('sources', 'int_changes__days') }}
