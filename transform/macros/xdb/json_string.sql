{# A text as a JSON string, whatever is in it: quotes and escapes included. Null stays null. #}
{% macro json_string(expression) -%}
    {{ adapter.dispatch('json_string')(expression) }}
{%- endmacro %}

{% macro default__json_string(expression) -%}
    cast(to_json(cast({{ expression }} as {{ dbt.type_string() }})) as {{ dbt.type_string() }})
{%- endmacro %}
