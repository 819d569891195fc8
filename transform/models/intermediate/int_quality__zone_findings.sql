-- The heart was in one zone at a time. Five seconds are for the rounding of each zone. Laid side by side, not
-- joined: of a new table the planner takes thousands of rows for a few.
with durations as (
    select
        workout_key,
        zone_scheme,
        duration_s as zone_s,
        cast(null as {{ engine_type('numeric') }}) as workout_s
    from {{ ref('workout_hr_zones') }}
    where {{ is_date_in_range('local_date') }} and deleted_at is null
    union all
    select
        workout_key,
        cast(null as {{ dbt.type_string() }}) as zone_scheme,
        cast(null as {{ engine_type('numeric') }}) as zone_s,
        duration_s as workout_s
    from {{ ref('workouts') }}
    where {{ is_date_in_range('local_date') }} and deleted_at is null
),

side_by_side as (
    select
        workout_key,
        zone_scheme,
        zone_s,
        max(workout_s) over (partition by workout_key) as workout_s
    from durations
),

added_up as (
    select
        workout_key,
        zone_scheme,
        sum(zone_s) as zones_s,
        max(workout_s) as workout_s
    from side_by_side
    group by workout_key, zone_scheme
)

select distinct
    'workouts' as entity,
    workout_key as row_key,
    'zones_exceed_workout' as rule,
    'warning' as severity,
    'more time in zones than it lasted' as reason
from added_up
where zones_s > workout_s + 5
