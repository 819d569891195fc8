with profiles as (
    select * from {{ ref('base_withings__profile') }}
)

select
    {{ source_lineage('withings', 'profile', 'user_id', created_at=none, updated_at=none) }},
    account as account_alias,
    scope as scopes
from profiles
