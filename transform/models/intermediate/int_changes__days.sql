-- The dates of each person to which a changed record may belong, or may have belonged.
{{ config(materialized='table') }}

with records as (
    select
        min(from_at) as from_at,
        max(until_at) as until_at
    from {{ ref('int_changes__records') }}
),

persons as (
    select distinct user_id
    from {{ ref('int_changes__accounts') }}
)

select
    persons.user_id as user_id,
    cast({{ dbt.dateadd('day', -2, 'records.from_at') }} as date) as from_date,
    cast({{ dbt.dateadd('day', 2, 'records.until_at') }} as date) as until_date
from persons
cross join records
where records.from_at is not null
