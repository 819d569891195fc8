{# A clock reading known to be UTC, as an instant. The loader stores UTC without a zone. #}
{% macro to_utc(clock_reading) -%}
    {{ adapter.dispatch('to_utc')(clock_reading) }}
{%- endmacro %}

{% macro default__to_utc(clock_reading) -%}
    ({{ clock_reading }} at time zone 'UTC')
{%- endmacro %}
