-- The first and the last of the dates whose facts are made anew.
{{ config(materialized='table') }}

select
    cast(null as timestamp) as from_at,
    cast(null as timestamp) as until_at,
    coalesce(min(from_date), cast('9999-11-01' as date)) as from_date,
    coalesce(max(until_date), cast('0001-02-01' as date)) as until_date
from {{ ref('int_changes__told_days') }}
