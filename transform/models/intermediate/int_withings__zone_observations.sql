-- Days, nights and workouts have a zone of their own. Measures have not: theirs is the
-- account's of today.
select
    source_system,
    source_account_id,
    day_start_at as observed_at,
    tz_iana
from {{ ref('stg_withings__activities') }}
where deleted_at is null
union all
select
    source_system,
    source_account_id,
    in_bed_start_at as observed_at,
    tz_iana
from {{ ref('stg_withings__sleep_summaries') }}
where deleted_at is null
union all
select
    source_system,
    source_account_id,
    start_at as observed_at,
    tz_iana
from {{ ref('stg_withings__workouts') }}
where deleted_at is null
