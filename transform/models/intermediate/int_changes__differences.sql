-- What is new, other or gone since the last build that went through.
{{ config(materialized='table') }}

with inputs as (
    select * from {{ ref('int_changes__inputs') }}
),

built as (
    select * from {{ ref('built_inputs') }}
    where kind <> 'day'
)

{{ input_differences('inputs', 'built') }}
