-- The home zones that the user set, as intervals per person. A person's own entry, once in
-- force, beats those for everybody.
with entries as (
    {{ home_zones() }}
),

time_zones as (
    select * from {{ ref('stg_database__time_zones') }}
),

persons as (
    select {{ user_id('source_system', 'source_account_id') }} as user_id
    from {{ ref('input__user_identity') }}
),

dated as (
    select
        entries.user_id as user_id,
        time_zones.tz_iana as tz_iana,
        coalesce(
            {{ local_to_instant('cast(entries.local_date as timestamp)', 'time_zones.tz_iana') }},
            {{ to_utc("cast('1900-01-01' as timestamp)") }}
        ) as valid_from
    from entries
    inner join time_zones
        on entries.tz_iana = time_zones.tz_iana
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
