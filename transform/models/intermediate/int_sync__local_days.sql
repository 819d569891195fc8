-- The days of each account, without gap or overlap: a day begins when the person's clock first shows
-- its date or a later one, in whatever zone, and lasts until the next one begins.
{{ config(materialized='table') }}

with attempts as (
    select
        *,
        case when basis = 'activity_time' then window_start_at end as activity_start_at,
        {{ dbt.dateadd(
            'hour', 720, "max(case when status = 'complete' then synced_at end) over (partition by source_system)"
        ) }} as believed_until
    from {{ ref('int_sync__attempts') }}
),

user_zones as (
    select * from {{ ref('int_zones__accounts') }}
),

-- A window without length could not be planned: it says when, not since when. And where nobody
-- answered, a failure has the time of the machine, whose clock may be years off: 30 days are believed.
accounts as (
    select
        source_system,
        source_account_id,
        account_alias,
        coalesce(
            min(case when window_start_at < window_end_at then activity_start_at end), min(activity_start_at)
        ) as asked_from,
        max(
            case
                when believed_until is null or synced_at <= believed_until then synced_at
            end
        ) as newest_at
    from attempts
    group by source_system, source_account_id, account_alias
),

-- UTC until the first zone that is known.
zones as (
    select
        source_system,
        source_account_id,
        valid_from,
        valid_to,
        tz_iana,
        utc_offset_min
    from user_zones
    union all
    select
        accounts.source_system as source_system,
        accounts.source_account_id as source_account_id,
        {{ to_utc("cast('1900-01-01' as timestamp)") }} as valid_from,
        min(user_zones.valid_from) as valid_to,
        'UTC' as tz_iana,
        cast(null as integer) as utc_offset_min
    from accounts
    left join user_zones
        on
            accounts.source_system = user_zones.source_system
            and accounts.source_account_id = user_zones.source_account_id
    group by accounts.source_system, accounts.source_account_id
),

-- Some days more at both ends, so that the first and the last day have their whole length.
account_zones as (
    select
        accounts.source_system as source_system,
        accounts.source_account_id as source_account_id,
        accounts.account_alias as account_alias,
        zones.tz_iana as tz_iana,
        zones.utc_offset_min as utc_offset_min,
        greatest(zones.valid_from, {{ dbt.dateadd('hour', -48, 'accounts.asked_from') }}) as valid_from,
        least(
            coalesce(zones.valid_to, {{ dbt.dateadd('hour', 72, 'accounts.newest_at') }}),
            {{ dbt.dateadd('hour', 72, 'accounts.newest_at') }}
        ) as valid_to
    from accounts
    inner join zones
        on
            accounts.source_system = zones.source_system
            and accounts.source_account_id = zones.source_account_id
    where accounts.asked_from is not null
),

midnights as (
    select
        zones.source_system as source_system,
        zones.source_account_id as source_account_id,
        zones.account_alias as account_alias,
        cast(calendar.midnight as date) as local_date,
        zones.valid_from as valid_from,
        zones.valid_to as valid_to,
        case
            when zones.tz_iana is null
                then {{ dbt.dateadd('minute', '-zones.utc_offset_min', to_utc('calendar.midnight')) }}
            else {{ local_to_instant('calendar.midnight', 'zones.tz_iana') }}
        end as midnight_at
    from account_zones as zones
    cross join lateral {{ dates_between(
        'cast(' ~ to_local('zones.valid_from', zone_interval_offset('zones', 'zones.valid_from')) ~ ' as date)',
        'cast(' ~ to_local('zones.valid_to', zone_interval_offset('zones', 'zones.valid_to')) ~ ' as date)'
    ) }} as calendar (midnight)
    where zones.valid_from < zones.valid_to
),

spans as (
    select
        source_system,
        source_account_id,
        account_alias,
        min(local_date) as first_date,
        max(local_date) as last_date
    from midnights
    where midnight_at < valid_to
    group by source_system, source_account_id, account_alias
),

-- A date that is left out at the date line has no length.
starts as (
    select
        source_system,
        source_account_id,
        account_alias,
        local_date,
        greatest(midnight_at, valid_from) as starts_at
    from midnights
    where midnight_at < valid_to
    union all
    select
        spans.source_system as source_system,
        spans.source_account_id as source_account_id,
        spans.account_alias as account_alias,
        cast(calendar.midnight as date) as local_date,
        cast(null as timestamptz) as starts_at
    from spans
    cross join lateral {{ dates_between('spans.first_date', 'spans.last_date') }} as calendar (midnight)
),

filled as (
    select
        source_system,
        source_account_id,
        account_alias,
        local_date,
        min(min(starts_at)) over (
            partition by source_system, source_account_id, account_alias
            order by local_date desc
            rows between unbounded preceding and current row
        ) as day_start_at
    from starts
    group by source_system, source_account_id, account_alias, local_date
),

days as (
    select
        *,
        lead(day_start_at) over (
            partition by source_system, source_account_id, account_alias
            order by local_date
        ) as day_end_at
    from filled
)

select
    days.source_system as source_system,
    days.source_account_id as source_account_id,
    days.account_alias as account_alias,
    days.local_date as local_date,
    days.day_start_at as day_start_at,
    days.day_end_at as day_end_at,
    days.day_end_at <= accounts.newest_at as is_over
from days
inner join accounts
    on
        days.source_system = accounts.source_system
        and days.source_account_id = accounts.source_account_id
        and days.account_alias = accounts.account_alias
where
    days.day_start_at <= accounts.newest_at
    and days.day_end_at > accounts.asked_from
