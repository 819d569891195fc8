{#
    dbt's own check, but a vendor whose schema does not exist is not used, and cannot be late.
    A missing table beside others is still an error.
#}
{% macro default__collect_freshness(source, loaded_at_field, filter) -%}
    {%- set is_used = adapter.check_schema_exists(source.database, source.schema) -%}
    {%- call statement('collect_freshness', fetch_result=True, auto_begin=False) -%}
        select
            {{ 'max(' ~ loaded_at_field ~ ')' if is_used else current_timestamp() }} as max_loaded_at,
            {{ current_timestamp() }} as snapshotted_at
        {% if is_used %}from {{ source }}{% endif %}
        {% if is_used and filter %}where {{ filter }}{% endif %}
    {%- endcall -%}
    {{ return(load_result('collect_freshness')) }}
{%- endmacro %}
