with cycles as (
    {{ mark_deleted(ref('base_whoop__cycles'), 'whoop_raw.cycles', 'records.id') }}
)

select
    {{ source_lineage('whoop', 'cycles', 'id', deleted_at='deleted_at') }},
    {{ to_utc('start') }} as cycle_start_at,
    {{ to_utc('"end"') }} as cycle_end_at,
    {{ offset_minutes('timezone_offset') }} as utc_offset_min,
    {{ offset_evidence('timezone_offset') }} as tz_evidence,
    score_state,
    score_strain as strain,
    score_kilojoule as energy_kj,
    {{ kilojoule_to_kcal('score_kilojoule') }} as energy_kcal,
    score_average_heart_rate as hr_avg,
    score_max_heart_rate as hr_max,
    step_count as steps
from cycles
