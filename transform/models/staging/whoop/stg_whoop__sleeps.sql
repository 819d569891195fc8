with sleeps as (
    {{ mark_deleted(ref('base_whoop__sleeps'), 'whoop_raw.sleeps', 'records.id') }}
)

select
    {{ source_lineage('whoop', 'sleeps', 'id', deleted_at='deleted_at') }},
    'sensed' as modality,
    cast(cycle_id as {{ dbt.type_string() }}) as related_cycle_id,
    {{ to_utc('start') }} as in_bed_start_at,
    {{ to_utc('"end"') }} as in_bed_end_at,
    {{ offset_minutes('timezone_offset') }} as in_bed_start_utc_offset_min,
    {{ offset_minutes('timezone_offset') }} as in_bed_end_utc_offset_min,
    {{ offset_evidence('timezone_offset') }} as tz_evidence,
    nap as is_nap,
    not nap as is_main_sleep,
    score_state,
    {{ milli_to_seconds('score_stage_summary_total_in_bed_time_milli') }} as in_bed_s,
    {{ milli_to_seconds(
        '(score_stage_summary_total_light_sleep_time_milli'
        ~ ' + score_stage_summary_total_slow_wave_sleep_time_milli'
        ~ ' + score_stage_summary_total_rem_sleep_time_milli)'
    ) }} as asleep_s,
    {{ milli_to_seconds('score_stage_summary_total_awake_time_milli') }} as awake_s,
    {{ milli_to_seconds('score_stage_summary_total_light_sleep_time_milli') }} as light_s,
    {{ milli_to_seconds('score_stage_summary_total_slow_wave_sleep_time_milli') }} as deep_s,
    {{ milli_to_seconds('score_stage_summary_total_rem_sleep_time_milli') }} as rem_s,
    {{ milli_to_seconds('score_stage_summary_total_no_data_time_milli') }} as no_data_s,
    score_stage_summary_disturbance_count as disturbances,
    score_stage_summary_sleep_cycle_count as sleep_cycles,
    score_sleep_efficiency_percentage as efficiency_pct,
    score_sleep_performance_percentage as performance_pct,
    score_sleep_consistency_percentage as consistency_pct,
    score_respiratory_rate as respiratory_rate,
    {{ milli_to_seconds('score_sleep_needed_baseline_milli') }} as need_baseline_s,
    {{ milli_to_seconds('score_sleep_needed_need_from_sleep_debt_milli') }} as need_debt_s,
    {{ milli_to_seconds('score_sleep_needed_need_from_recent_strain_milli') }} as need_strain_s,
    {{ milli_to_seconds('score_sleep_needed_need_from_recent_nap_milli') }} as need_nap_s
from sleeps
