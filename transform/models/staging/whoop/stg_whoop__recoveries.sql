with recoveries as (
    {{ mark_deleted(ref('base_whoop__recoveries'), 'whoop_raw.recoveries', 'records.cycle_id') }}
)

select
    {{ source_lineage('whoop', 'recoveries', 'cycle_id', deleted_at='deleted_at') }},
    cast(cycle_id as {{ dbt.type_string() }}) as related_cycle_id,
    cast(sleep_id as {{ dbt.type_string() }}) as related_sleep_id,
    score_state,
    score_user_calibrating as is_calibrating,
    score_recovery_score as recovery_score,
    score_resting_heart_rate as resting_heart_rate,
    score_hrv_rmssd_milli as hrv_rmssd_ms,
    score_spo2_percentage as spo2_pct,
    score_skin_temp_celsius as skin_temperature_c
from recoveries
