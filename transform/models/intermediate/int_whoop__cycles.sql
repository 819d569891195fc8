-- The cycles of WHOOP with their dates and main sleeps, in the shape of `input__physiological_cycles`.
with cycles as (
    select * from {{ ref('stg_whoop__cycles') }}
),

cycle_dates as (
    select * from {{ ref('int_whoop__cycle_dates') }}
)

select
    {{ lineage_columns('cycles') }},
    'sensed' as modality,
    cycles.cycle_start_at as cycle_start_at,
    cycles.utc_offset_min as cycle_start_utc_offset_min,
    cycles.cycle_end_at as cycle_end_at,
    case when cycles.cycle_end_at is not null then cycles.utc_offset_min end as cycle_end_utc_offset_min,
    cycles.tz_evidence as tz_evidence,
    cycle_dates.local_date as source_local_date,
    cycle_dates.local_date_rule as source_local_date_rule,
    cycle_dates.main_sleep_id as main_sleep_id,
    cycles.score_state as score_state,
    cycles.strain as strain,
    cycles.energy_kj as energy_kj,
    cycles.hr_avg as hr_avg,
    cycles.hr_max as hr_max,
    cycles.steps as steps
from cycles
inner join cycle_dates
    on cycles.raw_source_id = cycle_dates.cycle_id
