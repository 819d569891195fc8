-- A row with a finding against it, one that does not count, a goal, and what was deleted is never in a
-- mart.
with shown as (
    select observation_key as row_key
    from {{ ref('withings_recent_measurements') }}
    union all
    select observation_key as row_key
    from {{ ref('recent_measurements') }}
    union all
    select canonical_key as row_key
    from {{ ref('daily_fact_sources') }}
),

counting as (
    {% for model, key in [
        ('sleep_sessions', 'sleep_key'), ('workouts', 'workout_key'), ('biometrics_vitals', 'observation_key'),
    ] -%}
    select {{ key }} as row_key
    from {{ ref(model) }}
    where source_rank is not null and deleted_at is null
    union all
    {% endfor -%}
    select score_key as row_key
    from {{ ref('source_scores') }}
    where deleted_at is null
),

not_counting as (
    select row_key from shown
    except
    select row_key from counting
),

rejects as (
    select * from {{ ref('rejects') }}
    where severity = 'reject'
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
        and vitals.observation_key not in (select rejects.row_key from rejects)
),

goals as (
    select vitals.observation_key
    from {{ ref('biometrics_vitals') }} as vitals
    inner join {{ ref('stg_withings__measures') }} as measures
        on
            vitals.raw_relation = measures.raw_relation
            and vitals.raw_source_id = measures.raw_source_id
    where measures.is_goal
)

select row_key as finding
from not_counting
union all
select shown.row_key as finding
from shown
inner join rejects
    on shown.row_key = rejects.row_key
union all
select shown.row_key as finding
from shown
inner join goals
    on shown.row_key = goals.observation_key
union all
select 'the statistics count other values' as finding
from counted
cross join accepted
where coalesce(counted.measurement_count, 0) <> accepted.measurement_count
