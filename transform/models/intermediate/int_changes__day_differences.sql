-- The dates of which the vendors tell something else than when a build last went through.
{{ config(materialized='table') }}
{% set columns = [
    'is_over', 'sleep_told', 'recovery_told', 'activity_told', 'workouts_told', 'body_told',
] -%}

with inputs as (
    select
        'day' as kind,
        cast(null as {{ dbt.type_string() }}) as source_system,
        cast(null as {{ dbt.type_string() }}) as source_account_id,
        user_id,
        {{ stable_text('local_date', 'date') }} as input_key,
        {{ surrogate_key(columns) }} as input_version,
        cast(local_date as timestamp) as from_at,
        cast(local_date as timestamp) as until_at
    from {{ ref('int_daily__days') }}
),

built as (
    select * from {{ ref('built_inputs') }}
    where kind = 'day'
)

{{ input_differences('inputs', 'built') }}
