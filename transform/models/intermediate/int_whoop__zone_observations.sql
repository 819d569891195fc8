-- WHOOP gives the offset of each record: it is what the clock showed when the record began.
select
    source_system,
    source_account_id,
    cycle_start_at as observed_at,
    utc_offset_min
from {{ ref('stg_whoop__cycles') }}
union all
select
    source_system,
    source_account_id,
    in_bed_start_at as observed_at,
    in_bed_start_utc_offset_min as utc_offset_min
from {{ ref('stg_whoop__sleeps') }}
union all
select
    source_system,
    source_account_id,
    start_at as observed_at,
    start_utc_offset_min as utc_offset_min
from {{ ref('stg_whoop__workouts') }}
