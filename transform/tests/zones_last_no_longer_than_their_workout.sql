-- The heart was in one zone at a time. Five seconds are for the rounding of each zone.
{{ config(severity='warn') }}

with zones as (
    select
        workout_key,
        zone_scheme,
        sum(duration_s) as zones_s
    from {{ ref('workout_hr_zones') }}
    group by workout_key, zone_scheme
)

select
    zones.workout_key as workout_key,
    zones.zone_scheme as zone_scheme,
    zones.zones_s as zones_s,
    workouts.duration_s as duration_s
from zones
inner join {{ ref('workouts') }} as workouts
    on zones.workout_key = workouts.workout_key
where zones.zones_s > workouts.duration_s + 5
