{# Milliseconds to seconds, exact to the millisecond. #}
{% macro milli_to_seconds(milliseconds) -%}
    {{ rounded(milliseconds ~ ' * 0.001', 3) }}
{%- endmacro %}

{# Kilojoules to kilocalories (thermochemical, 4.184 kJ), to a thousandth. #}
{% macro kilojoule_to_kcal(kilojoules) -%}
    {{ rounded_quotient(kilojoules, '4.184', 3) }}
{%- endmacro %}

{# Kilocalories (thermochemical, 4.184 kJ) to kilojoules: exact. #}
{% macro kcal_to_kilojoule(kilocalories) -%}
    cast(({{ kilocalories }}) * 4.184 as {{ engine_type('numeric') }})
{%- endmacro %}
