{# Vendors spell one activity with spaces, hyphens, underscores and any case. #}
{% macro activity_name_key(source_activity_name) -%}
    replace(replace(lower(trim({{ source_activity_name }})), '-', '_'), ' ', '_')
{%- endmacro %}
