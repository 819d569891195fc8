with recordings as (
    {{ mark_deleted(
        ref('base_withings__heart_recordings'), 'withings_raw.heart_recordings',
        withings_recording_key('records')
    ) }}
),

codes as (
    select * from {{ ref('withings_code') }}
),

user_zones as (
    select * from {{ ref('int_zones__accounts') }}
),

timed as (
    select
        *,
        {{ to_utc('"timestamp"') }} as recorded_at
    from recordings
)

select
    {{ source_lineage(
        'withings', 'heart_recordings', withings_recording_key('recordings'), created_at=none,
        updated_at='recordings.modified', relation_alias='recordings',
        deleted_at='recordings.deleted_at'
    ) }},
    recordings.recorded_at as recorded_at,
    {{ to_local('recordings.recorded_at', zone_interval_offset('user_zones', 'recordings.recorded_at')) }}
        as recorded_local,
    {{ zone_interval_offset('user_zones', 'recordings.recorded_at') }} as utc_offset_min,
    user_zones.tz_iana as tz_iana,
    case when user_zones.source_account_id is null then 'default' else 'user_history' end as tz_evidence,
    user_zones.evidence as zone_evidence,
    recordings.timezone as source_tz_iana,
    {{ withings_device_id('recordings') }} as source_device_id,
    coalesce(recordings.model_id, recordings.model) as device_model_id,
    recordings.heart_rate as heart_rate,
    nullif(recordings.ecg_signalid, -1) as ecg_signal_id,
    recordings.ecg_afib as ecg_afib,
    afib_classes.label as ecg_afib_label,
    recordings.bloodpressure_systole as bp_systolic,
    recordings.bloodpressure_diastole as bp_diastolic,
    recordings.stetho_signalid as stetho_signal_id,
    recordings.stetho_vhd as stetho_vhd
from timed as recordings
left join codes as afib_classes
    on afib_classes.kind = 'afib' and recordings.ecg_afib = afib_classes.code
left join user_zones
    on
        user_zones.source_system = 'withings'
        and coalesce(recordings.user_id, 'unknown') = user_zones.source_account_id
        and {{ zone_holds_at('user_zones', 'recordings.recorded_at') }}
