-- The heart was in one zone at a time. Five seconds are for the rounding of each zone.
with zones as (
    select
        workout_key,
        zone_scheme,
        sum(duration_s) as zones_s
    from {{ ref('workout_hr_zones') }}
    where deleted_at is null
    group by workout_key, zone_scheme
),

workouts as (
    select * from {{ ref('workouts') }}
    where deleted_at is null
)

select distinct
    'workouts' as entity,
    workouts.workout_key as row_key,
    'zones_exceed_workout' as rule,
    'warning' as severity,
    'more time in zones than it lasted' as reason
from workouts
inner join zones
    on workouts.workout_key = zones.workout_key
where zones.zones_s > workouts.duration_s + 5
