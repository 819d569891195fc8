{# A number to so many decimals; halves go away from zero. #}
{% macro rounded(number, places) -%}
    {{ adapter.dispatch('rounded')(number, places) }}
{%- endmacro %}

{% macro default__rounded(number, places) -%}
    round({{ number }}, {{ places }})
{%- endmacro %}

{# There the type would have no more decimals than that, and in a union the other numbers would lose theirs. #}
{% macro duckdb__rounded(number, places) -%}
    cast(round({{ number }}, {{ places }}) as {{ engine_type('numeric') }})
{%- endmacro %}
