{# Midnights without a zone, to join laterally: of the first to the last date, both included. #}
{% macro dates_between(first_date, last_date) -%}
    {{ adapter.dispatch('dates_between')(first_date, last_date) }}
{%- endmacro %}

{% macro default__dates_between(first_date, last_date) -%}
    generate_series(cast({{ first_date }} as timestamp), cast({{ last_date }} as timestamp), interval '1 day')
{%- endmacro %}
