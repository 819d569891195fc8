{# A duration; null without a number. IEEE 1752.1 says `sec` where UCUM says `s`. #}
{% macro ieee_duration(seconds) -%}
    {{ ieee_unit_value(seconds, 'sec') }}
{%- endmacro %}

{# A number with its unit; null without a number. #}
{% macro ieee_unit_value(value, unit) -%}
    case
        when {{ value }} is not null
            then {{ json_object([('value', json_number(value)), ('unit', json_constant(unit))]) }}
    end
{%- endmacro %}
