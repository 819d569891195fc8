-- Once in a build: the claims are asked for often.
{{ config(materialized='table') }}

with landed as (
    select * from {{ ref('int_sync__landed_rows') }}
),

sync_windows as (
    select * from {{ ref('int_sync__windows') }}
),

moments as (
    select
        source_system,
        source_account_id,
        stream,
        synced_at,
        cast(null as {{ dbt.type_string() }}) as window_id,
        landed_rows
    from landed
    where source_account_id is not null
    union all
    select
        source_system,
        source_account_id,
        stream,
        synced_at,
        window_id,
        0 as landed_rows
    from sync_windows
),

-- From the newest back, with all of the same moment.
counted as (
    select
        window_id,
        sum(landed_rows) over (
            partition by source_system, source_account_id, stream
            order by synced_at desc
        ) as landed_rows
    from moments
)

select
    window_id,
    cast(landed_rows as bigint) as landed_rows
from counted
where window_id is not null
