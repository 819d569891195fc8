-- What the last build found new. It comes after all models that replace rows, and enters what they were
-- made of now; a build that fails before does it all again.
-- depends_on: {{ ref('biometrics_vitals') }}
-- depends_on: {{ ref('daily_facts') }}
-- depends_on: {{ ref('physiological_cycles') }}
-- depends_on: {{ ref('rejects') }}
-- depends_on: {{ ref('sleep_sessions') }}
-- depends_on: {{ ref('sleep_stages') }}
-- depends_on: {{ ref('source_scores') }}
-- depends_on: {{ ref('workout_hr_zones') }}
-- depends_on: {{ ref('workouts') }}
{{ config(
    materialized='table',
    post_hook=[
        "{{ forget_built_inputs(ref('built_inputs'), ref('int_changes__differences')) }}",
        "{{ enter_built_inputs(ref('built_inputs'), ref('int_changes__differences')) }}",
        "{{ forget_built_inputs(ref('built_inputs'), ref('int_changes__day_differences')) }}",
        "{{ enter_built_inputs(ref('built_inputs'), ref('int_changes__day_differences')) }}",
    ]
) }}

{% set known = load_relation(this) if execute -%}

with differences as (
    select
        count(*) as changed_inputs,
        count(case when is_gone then 1 end) as gone_inputs
    from {{ ref('int_changes__differences') }}
),

records as (
    select count(*) as replaced_records
    from {{ ref('int_changes__records') }}
),

days as (
    select
        min(from_date) as from_date,
        max(until_date) as until_date
    from {{ ref('int_changes__told_days') }}
),

-- Read now, and before the build: what came in between may be in some models and not in others.
sync_windows as (
    select
        count(*) as seen_windows,
        {% if known and has_column(known, 'begun_windows') -%}
        (select max(begun.begun_windows) from {{ this }} as begun) as begun_windows
        {%- else -%}
        cast(null as bigint) as begun_windows
        {%- endif %}
    from {{ ref('int_sync__landed_claims') }}
)

select
    differences.changed_inputs as changed_inputs,
    differences.gone_inputs as gone_inputs,
    records.replaced_records as replaced_records,
    days.from_date as first_changed_date,
    days.until_date as last_changed_date,
    cast('{{ env_var('HEALTH_MODELS_VERSION', '') }}' as {{ dbt.type_string() }}) as models_version,
    cast('{{ env_var('HEALTH_SETTINGS_VERSION', '') }}' as {{ dbt.type_string() }}) as settings_version,
    sync_windows.begun_windows as begun_windows,
    sync_windows.seen_windows as seen_windows,
    {{ count_raw_columns(loaded_raw_relations()) }} as raw_columns,
    false as has_passed
from differences
cross join records
cross join days
cross join sync_windows
