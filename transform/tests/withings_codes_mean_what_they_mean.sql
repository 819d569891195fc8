-- Codes that public programs confuse, and the rules that hang on a code.
{% set meanings = [
    ('measure_type', 1, 'Weight', 'body_weight', 'kg'),
    ('measure_type', 9, 'Diastolic blood pressure', 'bp_diastolic', 'mm[Hg]'),
    ('measure_type', 10, 'Systolic blood pressure', 'bp_systolic', 'mm[Hg]'),
    ('measure_type', 12, 'Temperature', 'temperature', 'Cel'),
    ('measure_type', 71, 'Body temperature', 'body_temperature', 'Cel'),
    ('measure_type', 73, 'Skin temperature', 'skin_temperature', 'Cel'),
    ('measure_type', 123, 'VO2 max', 'vo2_max', 'mL/min/kg'),
    ('measure_type', 130, 'AFib result from ECG', 'afib_ecg', '{class}'),
    ('measure_type', 137, 'QT interval', 'qt_interval', 's'),
    ('measure_type', 138, 'Corrected QT interval', 'qtc_interval', 's'),
    ('measure_type', 139, 'AFib result from PPG', 'afib_ppg', '{class}'),
    ('measure_type', 155, 'Vascular age', 'vascular_age', 'a'),
    ('measure_type', 167, 'Nerve health score feet', 'nerve_health_feet', '{unconfirmed}'),
    ('measure_type', 168, 'Extracellular water', 'extracellular_water', 'kg'),
    ('measure_type', 170, 'Visceral fat', 'visceral_fat', '{index}'),
    ('measure_type', 173, 'Fat-free mass of a segment', 'segment_fat_free_mass', 'kg'),
    ('measure_type', 174, 'Fat mass of a segment', 'segment_fat_mass', 'kg'),
    ('measure_type', 175, 'Muscle mass of a segment', 'segment_muscle_mass', 'kg'),
    ('measure_type', 226, 'Basal metabolic rate', 'basal_metabolic_rate', 'kcal/d'),
    ('measure_type', 227, 'Metabolic age', 'metabolic_age', 'a'),
    ('position', 6, 'Between legs', none, none),
    ('position', 12, 'Torso', none, none),
    ('category', 2, 'Goal', none, none),
    ('sleep_state', 3, 'REM', none, none),
    ('workout_category', 187, 'Rowing', none, none),
    ('workout_category', 547, 'Spinclass', none, none),
] -%}
{% set sizes = [
    ('measure_type', 48), ('workout_category', 130), ('position', 32), ('sleep_state', 7), ('afib', 14)
] -%}

with meanings as (
    {% for kind, code, label, metric_code, ucum_unit in meanings %}
    select
        '{{ kind }}' as kind,
        {{ code }} as code,
        '{{ label }}' as meaning,
        cast({{ dbt.string_literal(metric_code) if metric_code else 'null' }} as text) as metric_code,
        cast({{ dbt.string_literal(ucum_unit) if ucum_unit else 'null' }} as text) as ucum_unit
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

sizes as (
    {% for kind, size in sizes %}
    select
        '{{ kind }}' as kind,
        {{ size }} as size
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

codes as (
    select * from {{ ref('withings_code') }}
)

select
    meanings.kind as kind,
    cast(meanings.code as text) as finding
from meanings
left join codes
    on
        meanings.kind = codes.kind
        and meanings.code = codes.code
        and meanings.meaning = codes.label
        and coalesce(meanings.metric_code, '') = coalesce(codes.metric_code, '')
        and coalesce(meanings.ucum_unit, '') = coalesce(codes.ucum_unit, '')
where codes.code is null
union all
select
    sizes.kind as kind,
    'another number of codes' as finding
from sizes
left join codes
    on sizes.kind = codes.kind
group by sizes.kind, sizes.size
having count(codes.code) <> sizes.size
union all
select
    codes.kind as kind,
    'another unit than that of ' || codes.metric_code as finding
from codes
left join {{ ref('metric') }} as metrics
    on codes.metric_code = metrics.metric_code
where codes.metric_code is not null and coalesce(metrics.ucum_unit, '') <> codes.ucum_unit
union all
select
    codes.kind as kind,
    'no activity for ' || codes.label as finding
from codes
left join {{ ref('activity_map') }} as activities
    on
        activities.source_system = 'withings'
        and {{ activity_name_key('codes.label') }} = activities.source_activity_name
where codes.kind = 'workout_category' and activities.activity_code is null
union all
select
    codes.kind as kind,
    'no stage for ' || codes.label as finding
from codes
left join {{ ref('stage_map') }} as stages
    on
        stages.source_system = 'withings'
        and cast(codes.code as text) = stages.source_stage
where codes.kind = 'sleep_state' and stages.stage is null
