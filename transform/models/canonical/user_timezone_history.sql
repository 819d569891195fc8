-- At every instant the first that is known: a record of the last three days, the home zone, the
-- nearest record (the last before, else the first after), the zone of the account.
with persons as (
    select
        user_id,
        default_tz_iana
    from {{ ref('user_identity') }}
),

home_zones as (
    select * from {{ ref('int_zones__home') }}
),

observations as (
    select
        user_id,
        source_system,
        observed_at,
        tz_iana,
        case when tz_iana is null then utc_offset_min end as utc_offset_min,
        coalesce(tz_iana, cast(utc_offset_min as {{ dbt.type_string() }})) as known_zone
    from {{ ref('int_zones__observations') }}
),

-- Many records in a row say the same: what changes is where a run of them begins.
preceded as (
    select
        *,
        lag(observed_at) over (
            partition by user_id order by observed_at, source_system, known_zone
        ) as previous_at,
        lag(known_zone) over (
            partition by user_id order by observed_at, source_system, known_zone
        ) as previous_zone
    from observations
),

numbered as (
    select
        *,
        sum(
            case
                when
                    known_zone = previous_zone
                    and observed_at <= {{ dbt.dateadd('day', 3, 'previous_at') }}
                    then 0
                else 1
            end
        ) over (
            partition by user_id
            order by observed_at, source_system, known_zone
            rows between unbounded preceding and current row
        ) as run_no
    from preceded
),

runs as (
    select
        user_id,
        run_no,
        max(tz_iana) as tz_iana,
        max(utc_offset_min) as utc_offset_min,
        min(observed_at) as valid_from,
        {{ dbt.dateadd('day', 3, 'max(observed_at)') }} as recent_until
    from numbered
    group by user_id, run_no
),

bounded as (
    select
        *,
        lead(valid_from) over (partition by user_id order by run_no) as valid_to
    from runs
),

moments as (
    select
        user_id,
        {{ to_utc("cast('1900-01-01' as timestamp)") }} as valid_from
    from persons
    union
    select
        user_id,
        valid_from
    from bounded
    union
    select
        user_id,
        recent_until as valid_from
    from bounded
    where valid_to is null or recent_until < valid_to
    union
    select
        user_id,
        valid_from
    from home_zones
),

decided as (
    select
        moments.user_id as user_id,
        moments.valid_from as valid_from,
        bounded.tz_iana as record_tz_iana,
        bounded.utc_offset_min as record_utc_offset_min,
        first_runs.tz_iana as first_tz_iana,
        first_runs.utc_offset_min as first_utc_offset_min,
        home_zones.tz_iana as home_tz_iana,
        persons.default_tz_iana as account_tz_iana,
        bounded.user_id is not null as has_record_before,
        case
            when moments.valid_from < bounded.recent_until then 'recent_record'
            when home_zones.user_id is not null then 'home_zone'
            when bounded.user_id is not null or first_runs.user_id is not null then 'nearest_record'
            when persons.default_tz_iana is not null then 'account_zone'
        end as evidence
    from moments
    inner join persons
        on moments.user_id = persons.user_id
    left join bounded
        on
            moments.user_id = bounded.user_id
            and {{ zone_holds_at('bounded', 'moments.valid_from') }}
    left join bounded as first_runs
        on
            moments.user_id = first_runs.user_id
            and first_runs.run_no = 1
    left join home_zones
        on
            moments.user_id = home_zones.user_id
            and {{ zone_holds_at('home_zones', 'moments.valid_from') }}
),

named as (
    select
        user_id,
        valid_from,
        evidence,
        case evidence
            when 'home_zone' then home_tz_iana
            when 'account_zone' then account_tz_iana
            else case when has_record_before then record_tz_iana else first_tz_iana end
        end as tz_iana,
        case
            when evidence in ('recent_record', 'nearest_record')
                then case when has_record_before then record_utc_offset_min else first_utc_offset_min end
        end as utc_offset_min
    from decided
),

compared as (
    select
        *,
        lag({{ surrogate_key(['tz_iana', 'utc_offset_min', 'evidence']) }})
            over (partition by user_id order by valid_from)
            as previous_state
    from named
),

changes as (
    select
        user_id,
        valid_from,
        tz_iana,
        utc_offset_min,
        evidence
    from compared
    where
        previous_state is null
        or previous_state <> {{ surrogate_key(['tz_iana', 'utc_offset_min', 'evidence']) }}
),

intervals as (
    select
        user_id,
        valid_from,
        tz_iana,
        utc_offset_min,
        evidence,
        lead(valid_from) over (partition by user_id order by valid_from) as valid_to
    from changes
)

select *
from intervals
where evidence is not null
