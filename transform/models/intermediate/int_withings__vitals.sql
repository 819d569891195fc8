-- One row per measured value. A missing value is no row: it is not zero. Goals are no measures.
{% set text = dbt.type_string() -%}
{% set day_metrics = [
    ('steps_day', 'steps', 'sum'),
    ('distance_day', 'distance_m', 'sum'),
    ('floors_day', 'floors', 'sum'),
    ('light_activity_day', 'soft_s', 'sum'),
    ('moderate_activity_day', 'moderate_s', 'sum'),
    ('intense_activity_day', 'intense_s', 'sum'),
    ('energy_active_day', 'energy_active_kcal', 'sum'),
    ('energy_total_day', 'energy_total_kcal', 'sum'),
    ('heart_rate', 'hr_avg', 'mean'),
    ('min_heart_rate_day', 'hr_min', 'min'),
    ('max_heart_rate_day', 'hr_max', 'max'),
] -%}
{% set sleep_metrics = [
    ('respiratory_rate', 'respiratory_rate'),
    ('heart_rate', 'hr_avg'),
    ('hrv_rmssd_sleep_start', 'hrv_rmssd_start_ms'),
    ('hrv_rmssd_sleep_end', 'hrv_rmssd_end_ms'),
    ('core_body_temperature', 'core_body_temperature_avg_c'),
] -%}

with measures as (
    select
        *,
        ucum_unit = '{class}' as is_class,
        coalesce(position_label, cast(position_code as {{ text }})) as position_name
    from {{ ref('stg_withings__measures') }}
    where
        metric_code is not null
        and value_num is not null
        and coalesce(category, 1) = 1
        and {{ is_in_range(to_local('measured_at', 0), to_local('measured_at', 0)) }}
),

afib_classes as (
    select
        code,
        label
    from {{ ref('withings_code') }}
    where kind = 'afib'
),

activities as (
    select * from {{ ref('stg_withings__activities') }}
),

sleeps as (
    select * from {{ ref('stg_withings__sleep_summaries') }}
)

select
    {{ lineage_columns('measures') }},
    measures.modality as modality,
    measures.metric_code as metric_code,
    case when not measures.is_class then measures.value_num end as value_num,
    case
        when measures.is_class
            then coalesce(afib_classes.label, {{ stable_text('measures.value_num', 'numeric') }})
    end as value_text,
    'point' as statistic,
    cast(null as {{ text }}) as context,
    {{ activity_name_key('measures.position_name') }} as body_position,
    nullif(
        {{ dbt.concat([
            "coalesce(cast(measures.position_code as " ~ text ~ "), '')",
            "case when measures.repeat_no > 0 then '#' else '' end",
            "case when measures.repeat_no > 0 then cast(measures.repeat_no as " ~ text ~ ") else '' end",
        ]) }},
        ''
    ) as raw_source_part,
    measures.is_ambiguous_owner as is_ambiguous_owner,
    measures.is_differing_duplicate as is_differing_duplicate,
    measures.source_device_id as source_device_id,
    measures.measured_at as effective_start_at,
    measures.measured_at as effective_end_at,
    measures.utc_offset_min as effective_start_utc_offset_min,
    measures.utc_offset_min as effective_end_utc_offset_min,
    measures.tz_iana as tz_iana,
    measures.tz_evidence as tz_evidence,
    cast(null as date) as source_local_date,
    cast(null as {{ text }}) as source_local_date_rule
from measures
left join afib_classes
    on measures.is_class and measures.value_num = afib_classes.code
{% for metric_code, value, statistic in day_metrics %}
union all
select
    {{ lineage_columns() }},
    modality,
    '{{ metric_code }}' as metric_code,
    {{ value }} as value_num,
    cast(null as {{ text }}) as value_text,
    '{{ statistic }}' as statistic,
    'day' as context,
    cast(null as {{ text }}) as body_position,
    cast(null as {{ text }}) as raw_source_part,
    false as is_ambiguous_owner,
    false as is_differing_duplicate,
    source_device_id,
    day_start_at as effective_start_at,
    case when synced_at >= day_end_at then day_end_at end as effective_end_at,
    day_start_utc_offset_min as effective_start_utc_offset_min,
    day_end_utc_offset_min as effective_end_utc_offset_min,
    tz_iana,
    tz_evidence,
    local_date as source_local_date,
    'source_date' as source_local_date_rule
from activities
where {{ value }} is not null
{% endfor %}
{% for metric_code, value in sleep_metrics %}
union all
select
    {{ lineage_columns() }},
    modality,
    '{{ metric_code }}' as metric_code,
    {{ value }} as value_num,
    cast(null as {{ text }}) as value_text,
    'mean' as statistic,
    'sleep' as context,
    cast(null as {{ text }}) as body_position,
    cast(null as {{ text }}) as raw_source_part,
    false as is_ambiguous_owner,
    false as is_differing_duplicate,
    source_device_id,
    in_bed_start_at as effective_start_at,
    in_bed_end_at as effective_end_at,
    in_bed_start_utc_offset_min as effective_start_utc_offset_min,
    in_bed_end_utc_offset_min as effective_end_utc_offset_min,
    tz_iana,
    tz_evidence,
    cast(null as date) as source_local_date,
    cast(null as {{ text }}) as source_local_date_rule
from sleeps
where {{ value }} is not null
{% endfor %}
