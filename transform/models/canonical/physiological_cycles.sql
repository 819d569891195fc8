{{ config(**replaced_by_record()) }}

with cycles as (
    select * from {{ ref('input__physiological_cycles') }}
)

select
    {{ surrogate_key(['source_system', 'source_account_id', 'raw_source_id']) }} as cycle_key,
    {{ canonical_lineage() }},
    modality,
    cycle_start_at,
    {{ to_local('cycle_start_at', 'cycle_start_utc_offset_min') }} as cycle_start_local,
    cycle_start_utc_offset_min,
    cycle_end_at,
    {{ to_local('cycle_end_at', 'cycle_end_utc_offset_min') }} as cycle_end_local,
    cycle_end_utc_offset_min,
    tz_iana,
    tz_evidence,
    source_local_date as local_date,
    source_local_date_rule as local_date_rule,
    case
        when main_sleep_id is not null
            then {{ surrogate_key(['source_system', 'source_account_id', 'main_sleep_id']) }}
    end as main_sleep_key,
    cycle_end_at is null as is_open,
    score_state,
    strain,
    energy_kj,
    hr_avg,
    hr_max,
    steps
from cycles
where {{ is_of_changed_record('cycles') }}
