with body_measurements as (
    select * from {{ ref('base_whoop__user_body_measurement') }}
)

select
    {{ source_lineage('whoop', 'user_body_measurement', 'user_id', created_at=none, updated_at=none) }},
    height_meter as height_m,
    weight_kilogram as weight_kg,
    max_heart_rate
from body_measurements
