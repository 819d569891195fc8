-- Counted once in a build: what is loaded is many rows, what is asked of it is few.
{{ config(materialized='table') }}
{% set streams = {
    'whoop': [
        'user_basic_profile', 'user_body_measurement', 'cycles', 'sleeps', 'recoveries', 'workouts'
    ],
    'withings': [
        'profile', 'devices', 'goals', 'measure_groups', 'measures', 'activity', 'intraday_activity',
        'workouts', 'sleep_summary', 'sleep_stages', 'heart_recordings', 'ecg_signals'
    ],
} -%}

{% for source_system, names in streams.items() -%}
{% set is_last_system = loop.last -%}
{% for stream in names -%}
select
    '{{ source_system }}' as source_system,
    cast(user_id as {{ dbt.type_string() }}) as source_account_id,
    '{{ stream }}' as stream,
    {{ to_utc('synced_at') }} as synced_at,
    count(*) as landed_rows
from {{ ref('base_' ~ source_system ~ '__' ~ stream) }}
group by user_id, synced_at
{% if not (loop.last and is_last_system) %}union all{% endif %}
{% endfor -%}
{% endfor %}
