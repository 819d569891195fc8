-- An activity that we do not know is `other`, which is also the name of known ones.
with workouts as (
    select * from {{ ref('workouts') }}
    where {{ is_date_in_range('local_date') }} and deleted_at is null
),

activity_map as (
    select * from {{ ref('activity_map') }}
)

select
    'workouts' as entity,
    workouts.workout_key as row_key,
    'unknown_activity' as rule,
    'warning' as severity,
    coalesce(
        {{ dbt.concat(["'activity_map does not know '", "workouts.source_activity_name"]) }},
        'the source names no activity'
    ) as reason
from workouts
left join activity_map
    on
        workouts.source_system = activity_map.source_system
        and {{ activity_name_key('workouts.source_activity_name') }} = activity_map.source_activity_name
where activity_map.source_activity_name is null
