-- Every record that was loaded, whatever its table: key, content and times, nothing of its meaning.
{% for table in raw_tables() -%}
select
    '{{ table.source_system }}' as source_system,
    coalesce(cast(user_id as {{ dbt.type_string() }}), 'unknown') as source_account_id,
    '{{ table.name }}' as stream,
    '{{ table.relation }}' as raw_relation,
    {{ table.key }} as raw_source_id,
    {{ to_utc('cast(' ~ (table.recorded_at or 'null') ~ ' as timestamp)') }} as recorded_at,
    {{ to_utc('cast(' ~ (table.updated_at or 'null') ~ ' as timestamp)') }} as source_updated_at,
    {{ to_utc('synced_at') }} as synced_at,
    record_hash,
    raw as record
from {{ ref(table.base) }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
