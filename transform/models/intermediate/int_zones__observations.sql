-- What the records say about the zone that a person was in, with the zone's name where one is
-- known: an offset that the last named zone, or else the home zone, had at that moment is taken
-- for that zone, because only a name knows when the clocks change.
with observations as (
    select
        user_id,
        source_system,
        observed_at,
        tz_iana,
        utc_offset_min
    from {{ ref('input__zone_observations') }}
    where observed_at is not null and (tz_iana is not null or utc_offset_min is not null)
),

home_zones as (
    select * from {{ ref('int_zones__home') }}
),

counted as (
    select
        *,
        count(tz_iana) over (
            partition by user_id
            order by observed_at, source_system, tz_iana, utc_offset_min
            rows between unbounded preceding and current row
        ) as names_so_far
    from observations
),

carried as (
    select
        *,
        max(tz_iana) over (partition by user_id, names_so_far) as last_tz_iana
    from counted
)

select
    carried.user_id as user_id,
    carried.source_system as source_system,
    carried.observed_at as observed_at,
    case
        when carried.tz_iana is not null then carried.tz_iana
        when {{ zone_offset_minutes('carried.observed_at', 'carried.last_tz_iana') }} = carried.utc_offset_min
            then carried.last_tz_iana
        when {{ zone_offset_minutes('carried.observed_at', 'home_zones.tz_iana') }} = carried.utc_offset_min
            then home_zones.tz_iana
    end as tz_iana,
    carried.utc_offset_min as utc_offset_min
from carried
left join home_zones
    on
        carried.user_id = home_zones.user_id
        and {{ zone_holds_at('home_zones', 'carried.observed_at') }}
