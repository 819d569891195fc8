with users as (
    select * from {{ ref('input__user_identity') }}
)

select
    {{ user_id('source_system', 'source_account_id') }} as user_id,
    {{ lineage_columns() }},
    modality,
    coalesce(
        nullif(trim({{ dbt.concat(["coalesce(first_name, '')", "' '", "coalesce(last_name, '')"]) }}), ''),
        {{ user_id('source_system', 'source_account_id') }}
    ) as display_name,
    first_name,
    last_name,
    email,
    default_utc_offset_min,
    default_tz_iana
from users
