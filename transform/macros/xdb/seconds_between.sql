{# Elapsed seconds from one instant to another, with fractions. #}
{% macro seconds_between(start_at, end_at) -%}
    {{ adapter.dispatch('seconds_between')(start_at, end_at) }}
{%- endmacro %}

{% macro default__seconds_between(start_at, end_at) -%}
    extract(epoch from ({{ end_at }} - {{ start_at }}))
{%- endmacro %}
