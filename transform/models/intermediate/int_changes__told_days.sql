-- The dates whose facts are made anew: those of changed records, and those of which something else is told.
{{ config(materialized='table') }}

select
    user_id,
    from_date,
    until_date
from {{ ref('int_changes__days') }}
union all
select
    user_id,
    cast(touched_from_at as date) as from_date,
    cast(touched_until_at as date) as until_date
from {{ ref('int_changes__day_differences') }}
