-- One step on a scale is one row, though Withings stores it as several records of one moment. The record
-- with the weight is the weigh-in; what the same device measured at the same moment is filled in, where the
-- weigh-in does not say it itself. Nothing is put together by its time alone.
{% set composition = [
    ('weight_kg', 'body_weight'),
    ('fat_mass_kg', 'fat_mass'),
    ('fat_free_mass_kg', 'fat_free_mass'),
    ('body_fat_pct', 'body_fat_pct'),
    ('muscle_mass_kg', 'muscle_mass'),
    ('water_mass_kg', 'water_mass'),
    ('extracellular_water_kg', 'extracellular_water'),
    ('intracellular_water_kg', 'intracellular_water'),
    ('bone_mass_kg', 'bone_mass'),
    ('visceral_fat', 'visceral_fat'),
] -%}
{% set besides = [
    ('height_m', 'body_height'),
    ('basal_metabolic_rate_kcal', 'basal_metabolic_rate'),
    ('metabolic_age_years', 'metabolic_age'),
    ('heart_rate', 'heart_rate'),
    ('pulse_wave_velocity_m_s', 'pulse_wave_velocity'),
    ('vascular_age_years', 'vascular_age'),
] -%}
{% set of_the_record = [
    'user_id', 'raw_relation', 'source_created_at', 'source_updated_at', 'synced_at', 'extracted_at',
    'loaded_at', 'deleted_at', 'modality', 'device_key', 'effective_start_at', 'effective_start_local',
    'effective_start_utc_offset_min', 'tz_iana', 'tz_evidence', 'local_date', 'local_date_rule',
] -%}
{% set step -%}
    partition by
        source_system,
        source_account_id,
        effective_start_at,
        coalesce(device_key, raw_source_id),
        case when deleted_at is null then 0 else 1 end
{%- endset %}

with vitals as (
    select *
    from {{ ref('biometrics_vitals') }}
    where context is null and statistic = 'point' and value_num is not null
),

metrics as (
    select * from {{ ref('metric') }}
),

-- Of the whole body: between the legs is where a scale measures water.
measures as (
    select *
    from vitals
    where
        effective_start_at is not null
        and (body_position is null or body_position in ('whole_body', 'between_legs'))
        and metric_code in (
            {% for _, metric_code in composition + besides -%}
            '{{ metric_code }}'{{ ',' if not loop.last }}
            {% endfor -%}
        )
),

steps as (
    select
        *,
        min(case when metric_code = 'body_weight' then raw_source_id end) over ({{ step }}) as first_record,
        max(case when metric_code = 'body_weight' then raw_source_id end) over ({{ step }}) as last_record,
        max(case when metric_code = 'body_weight' and is_ambiguous_owner then 1 else 0 end) over (
            {{ step }}
        ) as ambiguous_weights
    from measures
),

assigned as (
    select
        *,
        case when first_record = last_record then first_record else raw_source_id end as weigh_in_id
    from steps
),

ranked as (
    select
        *,
        raw_source_id = weigh_in_id as is_own,
        rank() over (
            partition by source_system, source_account_id, weigh_in_id, metric_code
            order by case when raw_source_id = weigh_in_id then 0 else 1 end
        ) as nearness_rank
    from assigned
),

-- What may be of somebody else is filled in only where the weight may be, too.
taken as (
    select
        *,
        min(value_num) over (partition by source_system, source_account_id, weigh_in_id, metric_code)
        <> max(value_num) over (partition by source_system, source_account_id, weigh_in_id, metric_code)
            as is_differing
    from ranked
    where
        nearness_rank = 1
        and (is_own or case when is_ambiguous_owner then 1 else 0 end <= ambiguous_weights)
),

weigh_ins as (
    select
        source_system,
        source_account_id,
        weigh_in_id as raw_source_id,
        {{ dbt.hash(dbt.listagg('record_hash', "'|'", 'order by observation_key')) }} as record_hash,
        {% for name in of_the_record -%}
        max(case when is_own then {{ name }} end) as {{ name }},
        {% endfor -%}
        {% for name, metric_code in composition + besides -%}
        max(
            case when metric_code = '{{ metric_code }}' and not is_differing then value_num end
        ) as {{ name }},
        {% endfor -%}
        max(case when is_own and is_ambiguous_owner then 1 else 0 end) = 1 as is_ambiguous_owner,
        max(case when is_differing then 1 else 0 end) = 1 as has_differing_values
    from taken
    group by source_system, source_account_id, weigh_in_id
    having
        max(
            case
                when is_own and metric_code in (
                    {% for _, metric_code in composition -%}
                    '{{ metric_code }}'{{ ',' if not loop.last }}
                    {% endfor -%}
                ) then 1
                else 0
            end
        ) = 1
),

-- A person's height holds until the next one is measured.
heights as (
    select
        vitals.user_id as user_id,
        vitals.value_num as height_m,
        vitals.effective_start_at as valid_from,
        lead(vitals.effective_start_at) over (
            partition by vitals.user_id
            order by vitals.effective_start_at, vitals.observation_key
        ) as valid_to
    from vitals
    inner join metrics
        on
            vitals.metric_code = metrics.metric_code
            and vitals.value_num between metrics.plausible_low and metrics.plausible_high
    where
        vitals.metric_code = 'body_height'
        and vitals.deleted_at is null
        and case when vitals.is_ambiguous_owner or vitals.is_differing_duplicate then 1 else 0 end = 0
),

final as (
    select
        {{ surrogate_key([
            'weigh_ins.source_system', 'weigh_ins.source_account_id', 'weigh_ins.raw_source_id'
        ]) }} as weigh_in_key,
        {{ canonical_lineage('weigh_ins') }},
        weigh_ins.modality as modality,
        weigh_ins.device_key as device_key,
        weigh_ins.effective_start_at as measured_at,
        weigh_ins.effective_start_local as measured_local,
        weigh_ins.effective_start_utc_offset_min as measured_utc_offset_min,
        weigh_ins.tz_iana as tz_iana,
        weigh_ins.tz_evidence as tz_evidence,
        weigh_ins.local_date as local_date,
        weigh_ins.local_date_rule as local_date_rule,
        weigh_ins.is_ambiguous_owner as is_ambiguous_owner,
        weigh_ins.has_differing_values as has_differing_values,
        {% for name, _ in composition + besides -%}
        weigh_ins.{{ name }} as {{ name }},
        {% endfor -%}
        heights.height_m as bmi_height_m,
        {{ rounded_quotient('weigh_ins.weight_kg', '(heights.height_m * heights.height_m)', 2) }} as bmi
    from weigh_ins
    left join heights
        on
            weigh_ins.user_id = heights.user_id
            and weigh_ins.effective_start_at >= heights.valid_from
            and (heights.valid_to is null or weigh_ins.effective_start_at < heights.valid_to)
)

select * from final
