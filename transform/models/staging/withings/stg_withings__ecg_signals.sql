with signals as (
    select * from {{ ref('base_withings__ecg_signals') }}
),

codes as (
    select * from {{ ref('withings_code') }}
)

select
    {{ source_lineage(
        'withings', 'ecg_signals', 'signals.signalid', created_at=none, updated_at=none,
        relation_alias='signals'
    ) }},
    {{ to_utc('signals."timestamp"') }} as recorded_at,
    {{ withings_device_id('signals') }} as source_device_id,
    coalesce(signals.model_id, signals.model) as device_model_id,
    signals.wearposition as position_code,
    positions.label as position_label,
    signals.heart_rate as heart_rate,
    signals.sampling_frequency as sampling_frequency_hz,
    signals.signal as signal_uv
from signals
left join codes as positions
    on positions.kind = 'position' and signals.wearposition = positions.code
