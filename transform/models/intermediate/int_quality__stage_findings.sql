-- A stage that we do not know is `unspecified`, and keeps the vendor's code.
with stages as (
    select * from {{ ref('sleep_stages') }}
    where {{ is_date_in_range('local_date') }} and deleted_at is null
),

stage_map as (
    select * from {{ ref('stage_map') }}
)

select
    'sleep_stages' as entity,
    stages.stage_key as row_key,
    'unknown_stage' as rule,
    'warning' as severity,
    coalesce(
        {{ dbt.concat(["'stage_map does not know '", "stages.source_stage"]) }}, 'the source names no stage'
    ) as reason
from stages
left join stage_map
    on
        stages.source_system = stage_map.source_system
        and stages.source_stage = stage_map.source_stage
where stage_map.source_stage is null
