with profiles as (
    select * from {{ ref('base_withings__profile') }}
)

select
    {{ source_lineage('withings', 'profile', 'user_id', created_at=none, updated_at=none) }},
    scope as scopes
from profiles
