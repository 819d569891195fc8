{# A number as text, with as many decimals as it is known to have: 70.50 is not 70.5 where they are kept. #}
{% macro decimal_text(number) -%}
    {{ adapter.dispatch('decimal_text')(number) }}
{%- endmacro %}

{% macro default__decimal_text(number) -%}
    cast({{ number }} as {{ dbt.type_string() }})
{%- endmacro %}

{# There all numbers have the same scale, and nobody knows which zeros are the vendor's. #}
{% macro duckdb__decimal_text(number) -%}
    {{ stable_text(number, 'numeric') }}
{%- endmacro %}
