{# A division, rounded to so many decimals; halves go away from zero. #}
{% macro rounded_quotient(dividend, divisor, places) -%}
    {{ adapter.dispatch('rounded_quotient')(dividend, divisor, places) }}
{%- endmacro %}

{% macro default__rounded_quotient(dividend, divisor, places) -%}
    round({{ dividend }} / {{ divisor }}, {{ places }})
{%- endmacro %}

{# There `/` gives floats. Both are taken as whole numbers of their last decimals, and divided as such. #}
{% macro duckdb__rounded_quotient(dividend, divisor, places) -%}
    {%- set a = duckdb__last_decimals(dividend) -%}
    {%- set b = duckdb__last_decimals(divisor) -%}
    cast(
        sign({{ a }}) * sign({{ b }})
        * ((2 * {{ 10 ** places }} * abs({{ a }}) + abs({{ b }})) // (2 * abs({{ b }})))
        * {{ '%.*f' | format(places, 10 ** -places) }} as {{ engine_type('numeric') }}
    )
{%- endmacro %}

{% macro duckdb__last_decimals(number) -%}
    cast(replace(cast(cast({{ number }} as {{ engine_type('numeric') }}) as text), '.', '') as hugeint)
{%- endmacro %}
