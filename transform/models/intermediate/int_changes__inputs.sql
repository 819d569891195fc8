-- All that a canonical row is made of: the records, and what is known of accounts, zones, devices and
-- the user's preferences. What has no account is of everybody, what has no time is of all time.
{% set text = dbt.type_string() -%}
{% set epoch = to_utc("cast('1970-01-01' as timestamp)") -%}

with records as (
    select * from {{ ref('int_changes__record_inputs') }}
),

accounts as (
    select * from {{ ref('source_account') }}
),

record_dates as (
    select distinct
        source_system,
        source_account_id,
        cast(from_at as date) as recorded_on
    from records
    where from_at is not null
),

dates as (
    select
        *,
        {{ to_utc('cast(recorded_on as timestamp)') }} as begins_at
    from record_dates
),

-- The zones of each date with a record: where nothing was recorded nobody asks for one.
zoned_dates as (
    select
        dates.source_system as source_system,
        dates.source_account_id as source_account_id,
        dates.recorded_on as recorded_on,
        {{ dbt.hash(dbt.listagg(
            dbt.concat([
                'cast(' ~ seconds_between(epoch, 'greatest(user_zones.valid_from, dates.begins_at)')
                ~ ' as ' ~ text ~ ')',
                "' '", "coalesce(user_zones.tz_iana, '')", "' '",
                "coalesce(cast(user_zones.utc_offset_min as " ~ text ~ "), '')", "' '",
                "coalesce(user_zones.evidence, '')"
            ]),
            "'|'", 'order by user_zones.valid_from'
        )) }} as zones_hash
    from dates
    inner join {{ ref('int_zones__accounts') }} as user_zones
        on
            dates.source_system = user_zones.source_system
            and dates.source_account_id = user_zones.source_account_id
            and {{ dbt.dateadd('day', 1, 'dates.begins_at') }} > user_zones.valid_from
            and (user_zones.valid_to is null or dates.begins_at < user_zones.valid_to)
    group by dates.source_system, dates.source_account_id, dates.recorded_on
),

preferences as (
    select * from {{ ref('int_changes__preferences') }}
)

select
    raw_relation as kind,
    source_system,
    source_account_id,
    cast(null as {{ text }}) as user_id,
    raw_source_id as input_key,
    input_version,
    from_at,
    until_at
from records
union all
select
    'zone' as kind,
    source_system,
    source_account_id,
    cast(null as {{ text }}) as user_id,
    {{ stable_text('recorded_on', 'date') }} as input_key,
    zones_hash as input_version,
    cast(recorded_on as timestamp) as from_at,
    {{ dbt.dateadd('day', 1, 'cast(recorded_on as timestamp)') }} as until_at
from zoned_dates
union all
select
    'account' as kind,
    source_system,
    source_account_id,
    user_id,
    user_id as input_key,
    '' as input_version,
    cast(null as timestamp) as from_at,
    cast(null as timestamp) as until_at
from accounts
union all
select
    'device' as kind,
    source_system,
    source_account_id,
    cast(null as {{ text }}) as user_id,
    source_device_id as input_key,
    coalesce(max(device_type), '') as input_version,
    cast(null as timestamp) as from_at,
    cast(null as timestamp) as until_at
from {{ ref('stg_withings__devices') }}
where source_device_id is not null
group by source_system, source_account_id, source_device_id
union all
select
    'preference' as kind,
    accounts.source_system as source_system,
    accounts.source_account_id as source_account_id,
    preferences.user_id as user_id,
    preferences.preference_key as input_key,
    cast(preferences.repeats as {{ text }}) as input_version,
    cast(null as timestamp) as from_at,
    cast(null as timestamp) as until_at
from preferences
left join accounts
    on preferences.user_id = accounts.user_id
