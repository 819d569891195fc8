-- A code without a confirmed concept is concept 0, OMOP's "no matching concept". There is no word for a value
-- that is not final: while its period runs, it is left out.
{% set text = dbt.type_string() -%}

with observations as (
    select * from {{ ref('int_export__observations') }}
    where local_date is not null and effective_end_at is not null
),

concepts as not materialized (
    select * from {{ ref('omop_concept') }}
),

-- Clock readings have no zone in OMOP: they are the person's own, on the date that the value belongs to.
dated as (
    select
        *,
        nullif(ucum_unit, '{class}') as unit,
        coalesce(loinc, metric_code || coalesce(' ' || body_position, '')) as code,
        case
            when cast(effective_end_local as date) = local_date then effective_end_local
            when cast(effective_start_local as date) = local_date then effective_start_local
            else cast(local_date as timestamp)
        end as measured_local
    from observations
)

select
    {{ hash_to_bigint('dated.observation_id') }} as measurement_id,
    {{ hash_to_bigint(dbt.hash('dated.user_id')) }} as person_id,
    coalesce(measured.concept_id, 0) as measurement_concept_id,
    dated.local_date as measurement_date,
    dated.measured_local as measurement_datetime,
    cast(null as {{ text }}) as measurement_time,
    -- The convention for what patients report; OMOP has no word for what devices sense at home.
    case when dated.modality = 'self_reported' then 32865 else 0 end as measurement_type_concept_id,
    cast(null as integer) as operator_concept_id,
    dated.value_num as value_as_number,
    case when dated.value_text is not null then 0 end as value_as_concept_id,
    case when dated.unit is not null then coalesce(units.concept_id, 0) end as unit_concept_id,
    cast(null as {{ engine_type('numeric') }}) as range_low,
    cast(null as {{ engine_type('numeric') }}) as range_high,
    cast(null as integer) as provider_id,
    cast(null as integer) as visit_occurrence_id,
    cast(null as integer) as visit_detail_id,
    substr(dated.code, 1, 50) as measurement_source_value,
    coalesce(measured.concept_id, 0) as measurement_source_concept_id,
    dated.unit as unit_source_value,
    case when dated.unit is not null then coalesce(units.concept_id, 0) end as unit_source_concept_id,
    substr(coalesce(dated.value_text, {{ decimal_text('dated.value_num') }}), 1, 50) as value_source_value,
    cast(null as bigint) as measurement_event_id,
    cast(null as integer) as meas_event_field_concept_id
from dated
left join concepts as measured
    on measured.vocabulary = 'LOINC' and dated.loinc = measured.code
left join concepts as units
    on units.vocabulary = 'UCUM' and dated.unit = units.code
