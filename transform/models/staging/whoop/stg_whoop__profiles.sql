with profiles as (
    select * from {{ ref('base_whoop__user_basic_profile') }}
)

select
    {{ source_lineage('whoop', 'user_basic_profile', 'user_id', created_at=none, updated_at=none) }},
    account as account_alias,
    email,
    first_name,
    last_name
from profiles
