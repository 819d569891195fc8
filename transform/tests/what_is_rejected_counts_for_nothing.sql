-- What has a reject against it, and nothing else, is out of the ranking by the reason that the row itself
-- gives: never preferred.
with counted as (
    select
        'biometrics_vitals' as entity,
        observation_key as row_key,
        is_preferred,
        preference_reason
    from {{ ref('biometrics_vitals') }}
    where deleted_at is null
    union all
    select
        'sleep_sessions' as entity,
        sleep_key as row_key,
        is_preferred,
        preference_reason
    from {{ ref('sleep_sessions') }}
    where deleted_at is null
    union all
    select
        'workouts' as entity,
        workout_key as row_key,
        is_preferred,
        preference_reason
    from {{ ref('workouts') }}
    where deleted_at is null
),

rejected as (
    select distinct
        entity,
        row_key
    from {{ ref('rejects') }}
    where severity = 'reject'
)

select
    counted.entity as entity,
    counted.row_key as row_key,
    counted.preference_reason as preference_reason
from counted
left join rejected
    on
        counted.entity = rejected.entity
        and counted.row_key = rejected.row_key
where
    (rejected.row_key is not null)
    <> (counted.preference_reason in ('implausible', 'ambiguous_owner', 'differing_duplicate'))
    or (rejected.row_key is not null and counted.is_preferred)
