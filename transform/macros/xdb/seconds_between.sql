{# Elapsed seconds from one instant to another, with fractions. #}
{% macro seconds_between(start_at, end_at) -%}
    {{ adapter.dispatch('seconds_between')(start_at, end_at) }}
{%- endmacro %}

{% macro default__seconds_between(start_at, end_at) -%}
    extract(epoch from ({{ end_at }} - {{ start_at }}))
{%- endmacro %}

{# Microseconds are exact; the epoch of an interval is a float there. #}
{% macro duckdb__seconds_between(start_at, end_at) -%}
    cast((epoch_us({{ end_at }}) - epoch_us({{ start_at }})) * 0.000001 as {{ engine_type('numeric') }})
{%- endmacro %}
