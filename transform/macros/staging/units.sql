{# Milliseconds to seconds, exact to the millisecond. #}
{% macro milli_to_seconds(milliseconds) -%}
    round({{ milliseconds }} / 1000.0, 3)
{%- endmacro %}

{# Kilojoules to kilocalories (thermochemical, 4.184 kJ), to a thousandth. #}
{% macro kilojoule_to_kcal(kilojoules) -%}
    round({{ kilojoules }} / 4.184, 3)
{%- endmacro %}

{# Kilocalories (thermochemical, 4.184 kJ) to kilojoules: exact. #}
{% macro kcal_to_kilojoule(kilocalories) -%}
    ({{ kilocalories }}) * 4.184
{%- endmacro %}
