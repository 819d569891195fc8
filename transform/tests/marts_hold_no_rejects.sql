-- A value with a finding against it, a goal, and what was deleted is never in a mart.
with shown as (
    select * from {{ ref('withings_recent_measurements') }}
),

counted as (
    select sum(measurement_count) as measurement_count
    from {{ ref('withings_measurement_statistics') }}
),

accepted as (
    select count(*) as measurement_count
    from {{ ref('biometrics_vitals') }} as vitals
    where
        vitals.raw_relation = 'withings_raw.measures'
        and vitals.value_num is not null
        and vitals.deleted_at is null
        and vitals.observation_key not in (
            select rejects.observation_key from {{ ref('measurement_rejects') }} as rejects
        )
),

-- The rows that the days are made of, and what canonical says of them.
day_parts as (
    {% for model, key in [
        ('sleep_sessions', 'sleep_key'), ('workouts', 'workout_key'), ('biometrics_vitals', 'observation_key'),
    ] -%}
    select
        {{ key }} as canonical_key,
        source_rank,
        deleted_at
    from {{ ref(model) }}
    union all
    {% endfor -%}
    select
        score_key as canonical_key,
        1 as source_rank,
        deleted_at
    from {{ ref('source_scores') }}
),

goals as (
    select measures.raw_source_id
    from {{ ref('stg_withings__measures') }} as measures
    where measures.is_goal
)

select shown.observation_key as finding
from shown
inner join {{ ref('measurement_rejects') }} as rejects
    on shown.observation_key = rejects.observation_key
union all
select shown.observation_key as finding
from shown
inner join {{ ref('biometrics_vitals') }} as vitals
    on shown.observation_key = vitals.observation_key
where vitals.deleted_at is not null
union all
select shown.observation_key as finding
from shown
inner join goals
    on cast(shown.grpid as {{ dbt.type_string() }}) = goals.raw_source_id
union all
select 'the statistics count other values' as finding
from counted
cross join accepted
where coalesce(counted.measurement_count, 0) <> accepted.measurement_count
union all
select sources.canonical_key as finding
from {{ ref('daily_fact_sources') }} as sources
left join day_parts
    on sources.canonical_key = day_parts.canonical_key
where day_parts.deleted_at is not null or day_parts.source_rank is null
union all
select sources.canonical_key as finding
from {{ ref('daily_fact_sources') }} as sources
inner join {{ ref('measurement_rejects') }} as rejects
    on sources.canonical_key = rejects.observation_key
