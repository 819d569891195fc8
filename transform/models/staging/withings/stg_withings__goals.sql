with goals as (
    select * from {{ ref('base_withings__goals') }}
)

select
    {{ source_lineage('withings', 'goals', 'user_id', created_at=none, updated_at=none) }},
    steps,
    sleep as sleep_s,
    {{ scaled_decimal('weight_value', 'weight_unit') }} as weight_kg
from goals
