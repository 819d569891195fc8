{# The sync log of a vendor: every tap of this project writes the same. #}
{% macro stage_sync_windows(source_system, relation) -%}
with sync_windows as (
    select * from {{ relation }}
)

select
    cast(window_id as {{ dbt.type_string() }}) as window_id,
    '{{ source_system }}' as source_system,
    user_id as source_account_id,
    account as account_alias,
    stream,
    basis,
    kind,
    {{ to_utc('window_start') }} as window_start_at,
    {{ to_utc('window_end') }} as window_end_at,
    status,
    error,
    {{ to_utc('synced_at') }} as synced_at,
    records,
    distinct_keys,
    requests,
    cast(run_id as {{ dbt.type_string() }}) as run_id,
    drift
from sync_windows
{%- endmacro %}
