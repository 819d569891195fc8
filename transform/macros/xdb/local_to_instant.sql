{# The instant at which the clocks of a zone, by IANA name, show a reading. #}
{% macro local_to_instant(clock_reading, tz_iana) -%}
    {{ adapter.dispatch('local_to_instant')(clock_reading, tz_iana) }}
{%- endmacro %}

{% macro default__local_to_instant(clock_reading, tz_iana) -%}
    (({{ clock_reading }}) at time zone {{ tz_iana }})
{%- endmacro %}
