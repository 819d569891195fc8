-- WHOOP gives the offset of each record: it is what the clock showed when the record began.
-- A deleted record says nothing: the tracker may have been on somebody else's wrist.
select
    source_system,
    source_account_id,
    cycle_start_at as observed_at,
    utc_offset_min
from {{ ref('stg_whoop__cycles') }}
where deleted_at is null
union all
select
    source_system,
    source_account_id,
    in_bed_start_at as observed_at,
    in_bed_start_utc_offset_min as utc_offset_min
from {{ ref('stg_whoop__sleeps') }}
where deleted_at is null
union all
select
    source_system,
    source_account_id,
    start_at as observed_at,
    start_utc_offset_min as utc_offset_min
from {{ ref('stg_whoop__workouts') }}
where deleted_at is null
