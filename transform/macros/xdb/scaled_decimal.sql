{#
    An integer times a power of ten, exact in every digit: 75500 and -3 are 75.500.
    Null for exponents beyond +-100, which no measurement has.
#}
{% macro scaled_decimal(integer_value, exponent) -%}
    {{ adapter.dispatch('scaled_decimal')(integer_value, exponent) }}
{%- endmacro %}

{# Numbers in scientific notation are read digit by digit; `power` would divide. #}
{% macro default__scaled_decimal(integer_value, exponent) -%}
    case
        when {{ exponent }} between -100 and 100
            then cast({{ dbt.concat(["cast(" ~ integer_value ~ " as text)", "'e'", "cast(" ~ exponent ~ " as text)"]) }} as numeric)
    end
{%- endmacro %}

{# As many digits as `engine_type` gives a number: what does not fit in is null, never rounded. #}
{% macro duckdb__scaled_decimal(integer_value, exponent) -%}
    case
        when {{ exponent }} between -18 and 100
            then try_cast({{ dbt.concat(["cast(" ~ integer_value ~ " as text)", "'e'", "cast(" ~ exponent ~ " as text)"]) }} as {{ engine_type('numeric') }})
    end
{%- endmacro %}
