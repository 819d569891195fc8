-- Every record that canonical rows are made of: its version, and the time that it and what it is read
-- with are of. UTC without a zone.
{% set text = dbt.type_string() -%}
{#- What is read with others has a version of its own: see the queries of these names. -#}
{% set read_together = {
    'whoop_raw.cycles': 'cycles',
    'whoop_raw.recoveries': 'recoveries',
    'withings_raw.measures': 'measures',
    'withings_raw.sleep_stages': 'stages',
} -%}

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
        cast(cycles.row_version as {{ text }}) as input_version,
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
        cast(recoveries.row_version as {{ text }}) as input_version,
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
        {{ dbt.concat([
            'cast(max(measures.row_version) as ' ~ text ~ ')', "'|'", 'cast(count(*) as ' ~ text ~ ')', "'|'",
            'cast(count(case when proven.proven_at is null or ' ~ to_utc('measures.synced_at')
            ~ ' <= proven.proven_at then 1 end) as ' ~ text ~ ')'
        ]) }} as input_version,
        min(measures.date) as from_at,
        max(measures.date) as until_at
    from {{ ref('base_withings__measures') }} as measures
    left join proven
        on measures.user_id = proven.source_account_id
    group by measures.user_id, measures.grpid
),

nights_with_stages as (
    select
        *,
        max(row_version) over (partition by sleep_id) as night_version,
        count(*) over (partition by sleep_id) as parts,
        min(startdate) over (partition by sleep_id) as from_at,
        max(enddate) over (partition by sleep_id) as until_at
    from {{ ref('base_withings__sleep_stages') }}
),

stages as (
    select
        *,
        {{ dbt.concat([
            'cast(row_version as ' ~ text ~ ')', "'|'", 'cast(night_version as ' ~ text ~ ')', "'|'",
            'cast(parts as ' ~ text ~ ')'
        ]) }} as input_version
    from nights_with_stages
),

records as (
    {% for table in watched_tables() -%}
    {%- set joined = read_together.get(table.relation) -%}
    select
        '{{ table.source_system }}' as source_system,
        '{{ table.relation }}' as raw_relation,
        cast(user_id as {{ text }}) as user_id,
        {{ table.key }} as raw_source_id,
        {{ 'input_version' if joined else 'cast(row_version as ' ~ text ~ ')' }} as input_version,
        cast({{ 'from_at' if joined else table.span | first }} as timestamp) as from_at,
        cast({{ 'until_at' if joined else table.span | last }} as timestamp) as until_at
    from {{ joined or ref(table.base) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
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
    records.source_system as source_system,
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
