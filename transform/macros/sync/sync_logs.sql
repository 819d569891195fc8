{# The sync logs that exist, each with the vendor it is of. While dbt parses it knows none. #}
{% macro sync_logs() -%}
    {%- set logs = [] -%}
    {%- for node in (graph.sources.values() if execute else []) | selectattr('name', 'equalto', 'sync_windows') -%}
        {%- set relation = load_relation(raw_relation(node)) -%}
        {%- if relation -%}
            {%- do logs.append(dict(relation=relation, source_system=node.source_name | replace('_raw', ''))) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(logs) }}
{%- endmacro %}
