-- The records whose rows are made anew: all of these accounts that are about the time of a change. What
-- a record is read with (its episode, its date, its cycle) is no further away than four days.
{{ config(materialized='table') }}
{% set columns = ['kind', 'source_system', 'source_account_id', 'input_key', 'from_at', 'until_at'] -%}

with differences as (
    select * from {{ ref('int_changes__differences') }}
),

changed as (
    select
        {{ dbt.dateadd('day', -4, 'min(touched_from_at)') }} as from_at,
        {{ dbt.dateadd('day', 4, 'max(touched_until_at)') }} as until_at
    from differences
),

accounts as (
    select distinct
        source_system,
        source_account_id
    from {{ ref('int_changes__accounts') }}
),

known as (
    select {{ columns | join(', ') }}
    from {{ ref('built_inputs') }}
    union all
    select {{ columns | join(', ') }}
    from differences
    where not is_gone
)

select
    known.source_system as source_system,
    known.source_account_id as source_account_id,
    known.kind as raw_relation,
    known.input_key as raw_source_id,
    {{ surrogate_key(['known.source_system', 'known.source_account_id', 'known.input_key']) }} as record_key,
    min({{ since_ever('known.from_at') }}) as from_at,
    max({{ for_ever('known.until_at') }}) as until_at
from known
inner join accounts
    on
        known.source_system = accounts.source_system
        and known.source_account_id = accounts.source_account_id
inner join changed
    on
        (known.until_at is null or known.until_at >= changed.from_at)
        and (known.from_at is null or known.from_at <= changed.until_at)
where known.kind not in ('account', 'device', 'preference', 'zone', 'day')
group by known.source_system, known.source_account_id, known.kind, known.input_key
