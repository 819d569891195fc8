-- Two stretches of time for each record: its own, by which it is judged, and the one by which the
-- vendor finds it. A line for each source whose windows can prove that a record is gone.
with record_times as (
    select * from {{ ref('int_whoop__record_times') }}
    union all
    select * from {{ ref('int_withings__record_times') }}
)

select
    source_system,
    source_account_id,
    stream,
    raw_relation,
    raw_source_id,
    synced_at,
    source_created_at,
    start_at,
    end_at,
    found_from,
    found_until
from record_times
