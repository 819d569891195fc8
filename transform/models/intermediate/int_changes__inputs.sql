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

-- Dates and zones are laid side by side and looked up by their order: both are too many to join. From
-- its first zone on a person always has one.
marks as (
    select
        source_system,
        source_account_id,
        recorded_on,
        begins_at as marked_at,
        1 as is_recorded,
        cast(null as bigint) as zone_no,
        cast(null as {{ text }}) as zone_text
    from dates
    union all
    select
        source_system,
        source_account_id,
        cast({{ to_local('valid_from', 0) }} as date) as recorded_on,
        valid_from as marked_at,
        0 as is_recorded,
        row_number() over (order by source_system, source_account_id, valid_from) as zone_no,
        {{ dbt.concat([
            "coalesce(tz_iana, '')", "' '", "coalesce(cast(utc_offset_min as " ~ text ~ "), '')", "' '",
            "coalesce(evidence, '')"
        ]) }} as zone_text
    from {{ ref('int_zones__accounts') }}
),

looked_up as (
    select
        *,
        max(zone_no) over (
            partition by source_system, source_account_id
            order by marked_at, is_recorded
            rows between unbounded preceding and current row
        ) as held_zone_no
    from marks
),

-- The zone in which a date begins, and those that begin on it.
held as (
    select
        source_system,
        source_account_id,
        recorded_on,
        marked_at,
        is_recorded,
        max(zone_text) over (partition by source_system, source_account_id, held_zone_no) as zone_text
    from looked_up
),

-- Where nothing was recorded nobody asks for a zone. One that begins with its date is told once.
zoned_dates as (
    select
        source_system,
        source_account_id,
        recorded_on,
        {{ dbt.hash(dbt.listagg(
            dbt.concat(['cast(' ~ seconds_between(epoch, 'marked_at') ~ ' as ' ~ text ~ ')', "' '", 'zone_text']),
            "'|'", 'order by marked_at'
        )) }} as zones_hash
    from held
    where is_recorded = 1 or marked_at > {{ to_utc('cast(recorded_on as timestamp)') }}
    group by source_system, source_account_id, recorded_on
    having max(is_recorded) = 1 and max(zone_text) is not null
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
