-- A vendor's new code of a stage goes through as `unspecified`, and is told here.
{{ config(severity='warn') }}

select distinct
    source_system,
    reason
from {{ ref('rejects') }}
where rule = 'unknown_stage'
