-- Where the clock of a person was set anew. An interval that begins without that, as when a name comes in
-- the place of its offset, is no event. On the day of a journey records of both zones alternate: a zone
-- counts once it holds for a day.
with held as (
    select *
    from {{ ref('user_timezone_history') }}
    where
        valid_to is null
        or {{ seconds_between('valid_from', 'valid_to') }} >= 86400
),

intervals as (
    select
        user_id,
        valid_from,
        tz_iana,
        utc_offset_min,
        lag(valid_from) over (partition by user_id order by valid_from) as previous_from,
        lag(tz_iana) over (partition by user_id order by valid_from) as previous_tz_iana,
        lag(utc_offset_min) over (partition by user_id order by valid_from) as previous_utc_offset_min
    from held
),

befores as (
    select
        user_id,
        valid_from,
        previous_tz_iana as tz_iana,
        previous_utc_offset_min as utc_offset_min
    from intervals
    where previous_from is not null
),

clocks as (
    select
        intervals.user_id as user_id,
        intervals.valid_from as changed_at,
        intervals.tz_iana as tz_iana,
        befores.tz_iana as previous_tz_iana,
        {{ zone_interval_offset('intervals', 'intervals.valid_from') }} as offset_min,
        {{ zone_interval_offset('befores', 'intervals.valid_from') }} as previous_offset_min
    from intervals
    inner join befores
        on
            intervals.user_id = befores.user_id
            and intervals.valid_from = befores.valid_from
)

select
    user_id,
    changed_at,
    cast({{ to_local('changed_at', 'offset_min') }} as date) as local_date,
    cast(offset_min - previous_offset_min as integer) as moved_min,
    tz_iana,
    previous_tz_iana
from clocks
where offset_min <> previous_offset_min
