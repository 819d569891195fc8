{#
    The times of a raw table's records, for `int_sync__record_times`, where the vendor finds a record by what it
    is judged by, its own time. `key` names the column of the record's key; what the vendor does not tell is none.
#}
{% macro found_by_own_time(source_system, stream, key, start, end, created_at=none) -%}
select
    '{{ source_system }}' as source_system,
    cast(user_id as {{ dbt.type_string() }}) as source_account_id,
    '{{ stream }}' as stream,
    '{{ source_system }}_raw.{{ stream }}' as raw_relation,
    cast({{ key }} as {{ dbt.type_string() }}) as raw_source_id,
    {{ to_utc('synced_at') }} as synced_at,
    {{ to_utc(created_at or 'cast(null as timestamp)') }} as source_created_at,
    {{ to_utc(start) }} as start_at,
    {{ to_utc(end) }} as end_at,
    {{ to_utc(start) }} as found_from,
    {{ to_utc(end) }} as found_until
from {{ ref('base_' ~ source_system ~ '__' ~ stream) }}
{%- endmacro %}
