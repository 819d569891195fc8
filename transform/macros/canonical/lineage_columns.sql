{# The lineage columns that travel unchanged from staging to canonical, as a select list. #}
{% macro lineage_columns(relation_alias=none) -%}
    {%- set names = [
        'source_system', 'source_account_id', 'raw_source_id', 'raw_relation',
        'source_created_at', 'source_updated_at', 'synced_at', 'extracted_at', 'loaded_at',
        'record_hash', 'deleted_at',
    ] -%}
    {%- for name in names -%}
        {{ relation_alias ~ '.' ~ name ~ ' as ' ~ name if relation_alias else name }}
        {%- if not loop.last %},
    {% endif -%}
    {%- endfor -%}
{%- endmacro %}
