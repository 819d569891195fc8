{#
    The lineage columns of a staging model over a table that target-postgres loaded.
    The account alias is the user's to rename, so it never identifies anything.
    After a join, `relation_alias` names the table; key and times are then named by the caller.
    `deleted_at` names the column that `mark_deleted` adds; without one no deletion is known.
#}
{% macro source_lineage(
    source_system, table_name, key, created_at='created_at', updated_at='updated_at', relation_alias=none,
    deleted_at=none
) -%}
    {%- set unknown_instant = 'cast(null as timestamp)' -%}
    {%- set of_table = relation_alias ~ '.' if relation_alias else '' -%}
    '{{ source_system }}' as source_system,
    coalesce(cast({{ of_table }}user_id as {{ dbt.type_string() }}), 'unknown') as source_account_id,
    cast({{ key }} as {{ dbt.type_string() }}) as raw_source_id,
    '{{ source_system }}_raw.{{ table_name }}' as raw_relation,
    {{ to_utc(created_at or unknown_instant) }} as source_created_at,
    {{ to_utc(updated_at or unknown_instant) }} as source_updated_at,
    {{ to_utc(of_table ~ 'synced_at') }} as synced_at,
    {{ to_utc(of_table ~ '_sdc_extracted_at') }} as extracted_at,
    {{ to_utc(of_table ~ '_sdc_batched_at') }} as loaded_at,
    {{ of_table }}record_hash{{ ' as record_hash' if relation_alias }},
    {{ deleted_at or to_utc(unknown_instant) }} as deleted_at
{%- endmacro %}
