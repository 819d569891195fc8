-- What may leave the database: the values of all sources that are not deleted and have no finding against
-- them, and what sleeps say of themselves in numbers that a guide has codes for.
{% set sleep_metrics = [
    ('sleep_total', 'asleep_s'),
    ('sleep_deep', 'deep_s'),
    ('sleep_light', 'light_s'),
    ('sleep_rem', 'rem_s'),
] -%}

with vitals as (
    select * from {{ ref('biometrics_vitals') }}
),

rejects as (
    select * from {{ ref('measurement_rejects') }}
),

sleeps as (
    select * from {{ ref('sleep_sessions') }}
),

metrics as (
    select * from {{ ref('metric') }}
),

observations as (
    select
        observation_key as observation_id,
        observation_key,
        user_id,
        source_system,
        source_account_id,
        raw_source_id,
        raw_source_part,
        raw_relation,
        synced_at,
        modality,
        device_key,
        metric_code,
        value_num,
        value_text,
        statistic,
        context,
        body_position,
        effective_start_at,
        effective_start_local,
        effective_start_utc_offset_min,
        effective_end_at,
        effective_end_local,
        effective_end_utc_offset_min,
        local_date
    from vitals
    where
        deleted_at is null
        and not exists (
            select 1
            from rejects
            where rejects.observation_key = vitals.observation_key
        )
    {% for metric_code, value in sleep_metrics %}
    union all
    select
        {{ surrogate_key(['source_system', 'source_account_id', 'raw_source_id', "'" ~ metric_code ~ "'"]) }}
            as observation_id,
        cast(null as {{ dbt.type_string() }}) as observation_key,
        user_id,
        source_system,
        source_account_id,
        raw_source_id,
        cast(null as {{ dbt.type_string() }}) as raw_source_part,
        raw_relation,
        synced_at,
        modality,
        device_key,
        '{{ metric_code }}' as metric_code,
        {{ value }} as value_num,
        cast(null as {{ dbt.type_string() }}) as value_text,
        'sum' as statistic,
        'sleep' as context,
        cast(null as {{ dbt.type_string() }}) as body_position,
        in_bed_start_at as effective_start_at,
        in_bed_start_local as effective_start_local,
        in_bed_start_utc_offset_min as effective_start_utc_offset_min,
        in_bed_end_at as effective_end_at,
        in_bed_end_local as effective_end_local,
        in_bed_end_utc_offset_min as effective_end_utc_offset_min,
        local_date
    from sleeps
    where deleted_at is null and {{ value }} is not null and {{ sleep_reject_rule() }} is null
    {% endfor %}
)

select
    observations.*,
    metrics.category as category,
    metrics.loinc as loinc,
    metrics.ucum_unit as ucum_unit
from observations
left join metrics
    on observations.metric_code = metrics.metric_code
