-- A WHOOP cycle is no calendar day: it belongs to the local date on which its main sleep
-- ended. Dating it by its start would put two short cycles on one date and none on the next.
with cycles as (
    select * from {{ ref('stg_whoop__cycles') }}
),

sleeps as (
    select * from {{ ref('stg_whoop__sleeps') }}
),

main_sleeps as (
    select
        related_cycle_id,
        raw_source_id,
        in_bed_end_at,
        in_bed_end_utc_offset_min,
        tz_evidence,
        row_number() over (
            partition by related_cycle_id
            order by
                {{ seconds_between('in_bed_start_at', 'in_bed_end_at') }} desc,
                in_bed_end_at desc,
                raw_source_id asc
        ) as length_rank
    from sleeps
    where
        is_main_sleep
        and deleted_at is null
        and in_bed_start_at is not null
        and in_bed_end_at is not null
        and {{ sleep_reject_rule() }} is null
),

anchored as (
    select
        cycles.source_account_id as source_account_id,
        cycles.raw_source_id as cycle_id,
        cycles.deleted_at as deleted_at,
        main_sleeps.raw_source_id as main_sleep_id,
        main_sleeps.in_bed_end_at as main_sleep_end_at,
        case
            when main_sleeps.raw_source_id is not null then main_sleeps.in_bed_end_at
            when cycles.cycle_end_at is null
                then {{ dbt.dateadd('hour', 12, 'cycles.cycle_start_at') }}
            else {{ midpoint('cycles.cycle_start_at', 'cycles.cycle_end_at') }}
        end as anchor_at,
        case
            when main_sleeps.raw_source_id is not null then main_sleeps.in_bed_end_utc_offset_min
            else cycles.utc_offset_min
        end as anchor_utc_offset_min,
        case
            when main_sleeps.raw_source_id is not null then main_sleeps.tz_evidence
            else cycles.tz_evidence
        end as tz_evidence,
        case
            when main_sleeps.raw_source_id is not null then 'main_sleep_end'
            when cycles.cycle_end_at is null then 'open_cycle_start_plus_12h'
            else 'cycle_midpoint'
        end as local_date_rule
    from cycles
    left join main_sleeps
        on
            cycles.raw_source_id = main_sleeps.related_cycle_id
            and main_sleeps.length_rank = 1
)

select
    source_account_id,
    cycle_id,
    deleted_at,
    main_sleep_id,
    main_sleep_end_at,
    anchor_at,
    anchor_utc_offset_min,
    tz_evidence,
    cast({{ to_local('anchor_at', 'anchor_utc_offset_min') }} as date) as local_date,
    local_date_rule
from anchored
