-- A vendor's new code of a stage goes through as `unspecified`, and is told here.
{{ config(severity='warn') }}

select distinct
    stages.source_system as source_system,
    stages.source_stage as source_stage
from {{ ref('sleep_stages') }} as stages
left join {{ ref('stage_map') }} as stage_map
    on
        stages.source_system = stage_map.source_system
        and stages.source_stage = stage_map.source_stage
where stage_map.source_stage is null
