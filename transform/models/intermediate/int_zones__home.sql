-- The home zones that the user set, as intervals per person. A person's own entry, once in
-- force, beats those for everybody.
with entries as (
    {{ home_zones() }}
),

time_zones as (
    select * from {{ ref('stg_database__time_zones') }}
),

accounts as (
    select
        user_id,
        {{ own_user_id('source_system', 'source_account_id') }} as own_user_id
    from {{ ref('source_account') }}
),

persons as (
    select distinct user_id
    from accounts
),

-- An entry names a person, or an account of the person.
owned as (
    select distinct
        entries.local_date as local_date,
        entries.tz_iana as tz_iana,
        coalesce(accounts.user_id, entries.user_id) as user_id
    from entries
    left join accounts
        on entries.user_id = accounts.own_user_id
),

dated as (
    select
        owned.user_id as user_id,
        time_zones.tz_iana as tz_iana,
        coalesce(
            {{ local_to_instant('cast(owned.local_date as timestamp)', 'time_zones.tz_iana') }},
            {{ to_utc("cast('1900-01-01' as timestamp)") }}
        ) as valid_from
    from owned
    inner join time_zones
        on owned.tz_iana = time_zones.tz_iana
),

first_own as (
    select
        user_id,
        min(valid_from) as valid_from
    from dated
    where user_id is not null
    group by user_id
),

in_force as (
    select
        persons.user_id as user_id,
        dated.valid_from as valid_from,
        dated.tz_iana as tz_iana
    from persons
    inner join dated
        on dated.user_id is null or persons.user_id = dated.user_id
    left join first_own
        on persons.user_id = first_own.user_id
    where
        dated.user_id is not null
        or first_own.user_id is null
        or dated.valid_from < first_own.valid_from
)

select
    user_id,
    valid_from,
    tz_iana,
    lead(valid_from) over (partition by user_id order by valid_from) as valid_to
from in_force
