{# The wall clock at an instant, from an offset in minutes; an unknown offset reads as UTC. #}
{% macro to_local(instant, utc_offset_min) -%}
    {{ adapter.dispatch('to_local')(instant, utc_offset_min) }}
{%- endmacro %}

{% macro default__to_local(instant, utc_offset_min) -%}
    (({{ instant }} at time zone 'UTC') + coalesce({{ utc_offset_min }}, 0) * interval '1 minute')
{%- endmacro %}
