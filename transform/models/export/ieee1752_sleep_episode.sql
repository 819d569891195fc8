-- The standard's episode runs from falling asleep to the last awakening; what is known is the time in bed. So
-- that is the time frame, and the efficiency is of it, which is also how the vendors mean theirs.
with sleeps as (
    select * from {{ ref('sleep_sessions') }}
    where
        deleted_at is null
        and in_bed_start_at is not null
        and in_bed_end_at is not null
        and {{ sleep_reject_rule() }} is null
),

measured as (
    select
        *,
        {{ uuid_of_hash('sleep_key') }} as uuid,
        coalesce(source_created_at, synced_at) as source_creation_at,
        case modality
            when 'sensed' then 'sensed'
            when 'self_reported' then 'self-reported'
        end as ieee_modality,
        cast(awakenings as integer) as number_of_awakenings
    from sleeps
),

final as (
    select
        uuid,
        {{ json_object([
            ('uuid', json_string('uuid')),
            ('schema_id', json_object([
                ('namespace', json_constant('ieee')),
                ('name', json_constant('sleep-episode')),
                ('version', json_constant('1.0')),
            ])),
            ('source_creation_date_time', json_string(rfc3339('source_creation_at', '0'))),
            ('modality', json_string('ieee_modality')),
            ('external_datasheets', json_array([
                json_object([
                    ('datasheet_type', json_constant('software')),
                    ('datasheet_reference', json_string("'urn:health-taps:source:' || source_system")),
                ]),
                'case when device_key is not null then ' ~ json_object([
                    ('datasheet_type', json_constant('hardware')),
                    ('datasheet_reference', json_string("'urn:health-taps:device:' || device_key")),
                ]) ~ ' end',
            ])),
        ]) }} as header,
        {{ json_object([
            ('effective_time_frame', json_object([
                ('time_interval', json_object([
                    ('start_date_time', json_string(rfc3339('in_bed_start_at', 'in_bed_start_utc_offset_min'))),
                    ('end_date_time', json_string(rfc3339('in_bed_end_at', 'in_bed_end_utc_offset_min'))),
                ])),
            ])),
            ('latency_to_sleep_onset', ieee_duration('latency_s')),
            ('total_sleep_time', ieee_duration('asleep_s')),
            ('light_sleep_duration', ieee_duration('light_s')),
            ('deep_sleep_duration', ieee_duration('deep_s')),
            ('rem_sleep_duration', ieee_duration('rem_s')),
            ('wake_after_sleep_onset', ieee_duration('waso_s')),
            ('number_of_awakenings', json_number('number_of_awakenings')),
            ('is_main_sleep', json_boolean('is_main_sleep')),
            ('sleep_efficiency_percentage', ieee_unit_value('efficiency_pct', '%')),
        ]) }} as body,
        user_id,
        source_system,
        raw_source_id,
        device_key,
        sleep_key,
        in_bed_start_at as start_at,
        in_bed_end_at as end_at,
        local_date,
        latency_s as latency_to_sleep_onset_s,
        asleep_s as total_sleep_time_s,
        light_s as light_sleep_duration_s,
        deep_s as deep_sleep_duration_s,
        rem_s as rem_sleep_duration_s,
        waso_s as wake_after_sleep_onset_s,
        number_of_awakenings,
        is_main_sleep,
        efficiency_pct as sleep_efficiency_pct,
        synced_at
    from measured
)

select * from final
