-- A recovery has no time of its own: it is true at the end of the sleep it was computed from,
-- and it belongs to the date of its cycle.
with recoveries as (
    select * from {{ ref('stg_whoop__recoveries') }}
),

sleeps as (
    select * from {{ ref('stg_whoop__sleeps') }}
),

cycle_dates as (
    select * from {{ ref('int_whoop__cycle_dates') }}
),

known_times as (
    select
        recoveries.raw_source_id as raw_source_id,
        recoveries.source_created_at as source_created_at,
        sleeps.in_bed_end_at as sleep_end_at,
        sleeps.in_bed_end_utc_offset_min as sleep_end_utc_offset_min,
        sleeps.tz_evidence as sleep_tz_evidence,
        cycle_dates.main_sleep_end_at as main_sleep_end_at,
        cycle_dates.anchor_utc_offset_min as cycle_utc_offset_min,
        cycle_dates.tz_evidence as cycle_tz_evidence,
        cycle_dates.local_date as local_date,
        cycle_dates.local_date_rule as local_date_rule
    from recoveries
    -- Without the sleep, a recovery that is still there has the time of another.
    left join sleeps
        on
            recoveries.related_sleep_id = sleeps.raw_source_id
            and (sleeps.deleted_at is null or recoveries.deleted_at is not null)
    left join cycle_dates
        on recoveries.related_cycle_id = cycle_dates.cycle_id
)

select
    raw_source_id,
    local_date,
    local_date_rule,
    coalesce(sleep_end_at, main_sleep_end_at, source_created_at) as effective_at,
    case
        when sleep_end_at is not null then 'related_sleep_end'
        when main_sleep_end_at is not null then 'main_sleep_end'
        else 'recovery_created'
    end as effective_rule,
    case
        when sleep_end_at is not null then sleep_end_utc_offset_min
        else cycle_utc_offset_min
    end as utc_offset_min,
    case
        when sleep_end_at is not null then sleep_tz_evidence
        else coalesce(cycle_tz_evidence, 'default')
    end as tz_evidence
from known_times
