-- Every record that canonical rows are made of: its version, and the time that it and what it is read
-- with are of. UTC without a zone.
{% set text = dbt.type_string() -%}
{% set tables = [
    ('withings', 'activity', withings_activity_key()),
    ('withings', 'measure_groups', 'grpid'),
    ('withings', 'sleep_summary', 'id'),
    ('withings', 'workouts', 'id'),
    ('whoop', 'cycles', 'id'),
    ('whoop', 'recoveries', 'cycle_id'),
    ('whoop', 'sleeps', 'id'),
    ('whoop', 'user_body_measurement', 'user_id'),
    ('whoop', 'workouts', 'id'),
] -%}
{% set read_together = ['cycles', 'recoveries'] -%}

with proven as (
    {{ proven_measures() }}
),

-- A cycle is dated by its main sleep.
nights as (
    select
        cycle_id,
        min(start) as first_start,
        max("end") as last_end
    from {{ ref('base_whoop__sleeps') }}
    where cycle_id is not null
    group by cycle_id
),

cycles as (
    select
        cycles.user_id as user_id,
        cycles.id as id,
        cycles.row_version as row_version,
        least(cycles.start, nights.first_start) as from_at,
        greatest(coalesce(cycles."end", cycles.start), nights.last_end) as until_at
    from {{ ref('base_whoop__cycles') }} as cycles
    left join nights
        on cycles.id = nights.cycle_id
),

-- A recovery is true at the end of its sleep, and dated as its cycle.
recoveries as (
    select
        recoveries.user_id as user_id,
        recoveries.cycle_id as cycle_id,
        recoveries.row_version as row_version,
        least(recoveries.created_at, sleeps.start, cycles.from_at) as from_at,
        greatest(recoveries.created_at, sleeps."end", cycles.until_at) as until_at
    from {{ ref('base_whoop__recoveries') }} as recoveries
    left join {{ ref('base_whoop__sleeps') }} as sleeps
        on recoveries.sleep_id = sleeps.id
    left join cycles
        on recoveries.cycle_id = cycles.id
),

-- A group of measures is read whole, and so is a night with its stages.
measures as (
    select
        measures.user_id as user_id,
        measures.grpid as grpid,
        max(measures.row_version) as row_version,
        count(*) as parts,
        count(
            case
                when proven.proven_at is null or {{ to_utc('measures.synced_at') }} <= proven.proven_at then 1
            end
        ) as proven_parts,
        min(measures.date) as from_at,
        max(measures.date) as until_at
    from {{ ref('base_withings__measures') }} as measures
    left join proven
        on measures.user_id = proven.source_account_id
    group by measures.user_id, measures.grpid
),

stages as (
    select
        *,
        max(row_version) over (partition by sleep_id) as night_version,
        count(*) over (partition by sleep_id) as parts,
        min(startdate) over (partition by sleep_id) as from_at,
        max(enddate) over (partition by sleep_id) as until_at
    from {{ ref('base_withings__sleep_stages') }}
),

records as (
    {% for source_system, table, key in tables -%}
    {%- set is_joined = table in read_together -%}
    {%- set span = ['from_at', 'until_at'] if is_joined else source_span(source_system ~ '_raw', table) -%}
    select
        '{{ source_system }}_raw.{{ table }}' as raw_relation,
        cast(user_id as {{ text }}) as user_id,
        cast({{ key }} as {{ text }}) as raw_source_id,
        cast(row_version as {{ text }}) as input_version,
        cast({{ span | first }} as timestamp) as from_at,
        cast({{ span | last }} as timestamp) as until_at
    from {{ table if is_joined else ref('base_' ~ source_system ~ '__' ~ table) }}
    union all
    {% endfor -%}
    select
        'withings_raw.measures' as raw_relation,
        user_id,
        cast(grpid as {{ text }}) as raw_source_id,
        {{ dbt.concat([
            'cast(row_version as ' ~ text ~ ')', "'|'", 'cast(parts as ' ~ text ~ ')', "'|'",
            'cast(proven_parts as ' ~ text ~ ')'
        ]) }} as input_version,
        from_at,
        until_at
    from measures
    union all
    select
        'withings_raw.sleep_stages' as raw_relation,
        user_id,
        {{ withings_stage_key() }} as raw_source_id,
        {{ dbt.concat([
            'cast(row_version as ' ~ text ~ ')', "'|'", 'cast(night_version as ' ~ text ~ ')', "'|'",
            'cast(parts as ' ~ text ~ ')'
        ]) }} as input_version,
        from_at,
        until_at
    from stages
),

-- What was deleted since has changed, too.
deletions as (
    select
        raw_relation,
        source_account_id,
        raw_source_id,
        count(*) as entries
    from {{ ref('deleted_records') }}
    group by raw_relation, source_account_id, raw_source_id
)

select
    {{ dbt.split_part('records.raw_relation', "'_'", 1) }} as source_system,
    coalesce(records.user_id, 'unknown') as source_account_id,
    records.raw_relation as raw_relation,
    records.raw_source_id as raw_source_id,
    {{ dbt.concat([
        "coalesce(records.input_version, '')", "'|'", "coalesce(cast(deletions.entries as " ~ text ~ "), '')"
    ]) }} as input_version,
    records.from_at as from_at,
    records.until_at as until_at
from records
left join deletions
    on
        records.raw_relation = deletions.raw_relation
        and records.user_id = deletions.source_account_id
        and records.raw_source_id = deletions.raw_source_id
