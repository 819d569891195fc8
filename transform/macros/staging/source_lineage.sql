{#
    The lineage columns of a staging model over a table that target-postgres loaded.
    The account alias is the user's to rename, so it never identifies anything.
#}
{% macro source_lineage(source_system, table_name, key, created_at='created_at', updated_at='updated_at') -%}
    {%- set unknown_instant = 'cast(null as timestamp)' -%}
    '{{ source_system }}' as source_system,
    coalesce(cast(user_id as {{ dbt.type_string() }}), 'unknown') as source_account_id,
    cast({{ key }} as {{ dbt.type_string() }}) as raw_source_id,
    '{{ source_system }}_raw.{{ table_name }}' as raw_relation,
    {{ to_utc(created_at or unknown_instant) }} as source_created_at,
    {{ to_utc(updated_at or unknown_instant) }} as source_updated_at,
    {{ to_utc('synced_at') }} as synced_at,
    {{ to_utc('_sdc_extracted_at') }} as extracted_at,
    {{ to_utc('_sdc_batched_at') }} as loaded_at,
    record_hash
{%- endmacro %}
