-- Counted once in a build: what is loaded is many rows, what is asked of it is few.
{{ config(materialized='table') }}

{% for table in raw_tables() -%}
select
    '{{ table.source_system }}' as source_system,
    cast(user_id as {{ dbt.type_string() }}) as source_account_id,
    '{{ table.name }}' as stream,
    {{ to_utc('synced_at') }} as synced_at,
    count(*) as landed_rows
from {{ ref(table.base) }}
group by user_id, synced_at
{% if not loop.last %}union all{% endif %}
{% endfor %}
