-- The one stretch of time that is read to make the rows of the changed records, in UTC without a zone; it
-- ends before it begins where nothing changed.
{{ config(materialized='table') }}

with records as (
    select
        coalesce(min(from_at), cast('9999-11-01' as timestamp)) as from_at,
        coalesce(max(until_at), cast('0001-02-01' as timestamp)) as until_at
    from {{ ref('int_changes__records') }}
)

select
    {{ dbt.dateadd('day', -4, 'from_at') }} as from_at,
    {{ dbt.dateadd('day', 4, 'until_at') }} as until_at,
    cast({{ dbt.dateadd('day', -6, 'from_at') }} as date) as from_date,
    cast({{ dbt.dateadd('day', 6, 'until_at') }} as date) as until_date
from records
