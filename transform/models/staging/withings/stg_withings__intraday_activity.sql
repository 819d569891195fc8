with samples as (
    select * from {{ ref('base_withings__intraday_activity') }}
)

select
    {{ source_lineage(
        'withings', 'intraday_activity', stable_text('"timestamp"', 'timestamp'),
        created_at=none, updated_at=none
    ) }},
    {{ to_utc('"timestamp"') }} as sample_start_at,
    duration as duration_s,
    {{ withings_device_id('samples') }} as source_device_id,
    model as device_model,
    model_id as device_model_id,
    steps,
    elevation as floors,
    calories as energy_active_kcal,
    distance as distance_m,
    stroke as strokes,
    pool_lap as pool_laps,
    nullif(heart_rate, 0) as heart_rate,
    nullif(spo2_auto, 0) as spo2_pct,
    rmssd as hrv_rmssd_ms,
    sdnn1 as hrv_sdnn_ms,
    hrv_quality,
    core_body_temperature as core_body_temperature_c,
    rr as respiratory_rate,
    chest_movement_rate
from samples
