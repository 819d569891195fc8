-- One FHIR Observation per value; systolic and diastolic pressure of one reading are one panel.
with observations as not materialized (
    select * from {{ ref('int_export__observations') }}
),

devices as (
    select * from {{ ref('device') }}
),

readings as (
    select
        source_system,
        source_account_id,
        raw_source_id,
        raw_source_part,
        max(case when metric_code = 'bp_systolic' then value_num end) as systolic,
        max(case when metric_code = 'bp_diastolic' then value_num end) as diastolic
    from observations
    where metric_code in ('bp_systolic', 'bp_diastolic')
    group by source_system, source_account_id, raw_source_id, raw_source_part
    having count(*) = 2
),

{% set panel_key = ['source_system', 'source_account_id', 'raw_source_id', "'blood_pressure'"] -%}
panels as (
    select
        *,
        case
            when raw_source_part is null then {{ surrogate_key(panel_key) }}
            else {{ surrogate_key(panel_key + ['raw_source_part']) }}
        end as panel_id
    from readings
),

-- The systolic value stands for its panel. FHIR's profile of body height knows no metres.
shaped as (
    select
        observations.user_id as user_id,
        observations.source_system as source_system,
        observations.raw_source_id as raw_source_id,
        observations.raw_relation as raw_relation,
        observations.synced_at as synced_at,
        observations.modality as modality,
        observations.device_key as device_key,
        devices.device_model as device_model,
        observations.category as category,
        observations.value_text as value_text,
        observations.statistic as statistic,
        observations.context as context,
        observations.body_position as body_position,
        observations.effective_start_at as effective_start_at,
        observations.effective_start_utc_offset_min as effective_start_utc_offset_min,
        observations.effective_end_at as effective_end_at,
        observations.effective_end_utc_offset_min as effective_end_utc_offset_min,
        observations.local_date as local_date,
        panels.systolic as systolic,
        panels.diastolic as diastolic,
        coalesce(panels.panel_id, observations.observation_id) as id,
        case when panels.panel_id is null then observations.observation_key end as observation_key,
        case when panels.panel_id is null then observations.loinc else '85354-9' end as loinc,
        case
            when panels.panel_id is null then observations.metric_code else 'blood_pressure'
        end as metric_code,
        case
            when panels.panel_id is not null then null
            when observations.metric_code = 'body_height' then 100 * observations.value_num
            else observations.value_num
        end as value_num,
        case
            when panels.panel_id is not null or observations.value_num is null then null
            when observations.metric_code = 'body_height' then 'cm'
            else observations.ucum_unit
        end as ucum_unit
    from observations
    left join panels
        on
            observations.metric_code in ('bp_systolic', 'bp_diastolic')
            and observations.source_system = panels.source_system
            and observations.source_account_id = panels.source_account_id
            and observations.raw_source_id = panels.raw_source_id
            and coalesce(observations.raw_source_part, '') = coalesce(panels.raw_source_part, '')
    left join devices
        on observations.device_key = devices.device_key
    where panels.panel_id is null or observations.metric_code = 'bp_systolic'
),

-- HL7 has no category of sleep: its guide for personal records files sleep under social history.
coded as (
    select
        *,
        {{ fhir_patient_id('user_id') }} as patient_id,
        case when effective_end_at is null then 'preliminary' else 'final' end as status,
        case
            when category = 'activity' then 'activity'
            when category = 'sleep' then 'social-history'
            when category in ('vitals', 'body_composition') and loinc is not null then 'vital-signs'
        end as hl7_category,
        case statistic
            when 'mean' then 'average'
            when 'min' then 'minimum'
            when 'max' then 'maximum'
            when 'sum' then 'sum'
        end as hl7_statistic,
        {{ rfc3339('effective_start_at', 'effective_start_utc_offset_min') }} as start_text,
        {{ rfc3339('effective_end_at', 'effective_end_utc_offset_min') }} as end_text
    from shaped
),

parts as (
    select
        *,
        {{ json_array([
            json_object([
                ('use', json_constant('official')),
                ('system', json_constant('urn:health-taps:observation')),
                ('value', json_string('id')),
            ]),
            json_object([
                ('use', json_constant('secondary')),
                ('system', json_string("'urn:health-taps:record:' || coalesce(raw_relation, source_system)")),
                ('value', json_string('raw_source_id')),
            ]),
        ]) }} as identifiers,
        {{ json_array([
            fhir_concept([
                fhir_coding('http://terminology.hl7.org/CodeSystem/observation-category', 'hl7_category'),
            ]),
            fhir_concept([fhir_coding('urn:health-taps:category', 'category')]),
        ]) }} as categories,
        {{ fhir_concept([
            fhir_coding('http://loinc.org', 'loinc'),
            fhir_coding('http://loinc.org', "case when loinc = '59408-5' then '2708-6' end"),
            fhir_coding('urn:health-taps:metric', 'metric_code'),
        ], text="replace(metric_code, '_', ' ')") }} as code,
        case when effective_start_at = effective_end_at then {{ json_string('start_text') }} end as moment,
        case
            when effective_end_at is null or effective_start_at <> effective_end_at
                then {{ json_object([
                    ('start', json_string('start_text')),
                    ('end', json_string('case when effective_end_at > effective_start_at then end_text end')),
                ]) }}
        end as period,
        case
            when hl7_statistic is not null
                then {{ fhir_concept([
                    fhir_coding('http://terminology.hl7.org/CodeSystem/observation-statistics', 'hl7_statistic'),
                ], text="statistic || coalesce(' over ' || context, '')") }}
        end as statistical_method,
        {{ fhir_component('bp_systolic', '8480-6', 'systolic', 'mm[Hg]') }} as systolic_component,
        {{ fhir_component('bp_diastolic', '8462-4', 'diastolic', 'mm[Hg]') }} as diastolic_component,
        {{ json_array([
            fhir_note("case when status = 'preliminary' then 'The period is not over: the value is partial.' end"),
            fhir_note("case when modality <> 'sensed' then 'Modality: ' || replace(modality, '_', ' ') end"),
            fhir_note("case when ucum_unit = '{unconfirmed}' then 'Nobody has confirmed the unit.' end"),
        ]) }} as notes
    from coded
)

select
    id,
    {{ json_object([
        ('resourceType', json_constant('Observation')),
        ('id', json_string('id')),
        ('meta', json_object([('source', json_string("'urn:health-taps:source:' || source_system"))])),
        ('identifier', 'identifiers'),
        ('status', json_string('status')),
        ('category', 'categories'),
        ('code', 'code'),
        ('subject', fhir_reference('Patient', 'patient_id')),
        ('effectiveDateTime', 'moment'),
        ('effectivePeriod', 'period'),
        ('valueQuantity', fhir_quantity('value_num', 'ucum_unit')),
        ('valueString', json_string('value_text')),
        ('note', 'notes'),
        ('bodySite', json_object([('text', json_string("replace(body_position, '_', ' ')"))])),
        ('method', 'statistical_method'),
        ('device', fhir_reference('Device', 'device_key', display='device_model')),
        ('component', json_array(['systolic_component', 'diastolic_component'])),
    ]) }} as resource,
    status,
    user_id,
    patient_id,
    metric_code,
    category,
    loinc,
    value_num,
    value_text,
    ucum_unit,
    body_position,
    effective_start_at,
    effective_end_at,
    local_date,
    source_system,
    raw_relation,
    raw_source_id,
    device_key,
    observation_key,
    synced_at
from parts
