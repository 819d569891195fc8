{# Minutes east of UTC that a zone, by IANA name, has at an instant: summer time included. #}
{% macro zone_offset_minutes(instant, tz_iana) -%}
    {{ adapter.dispatch('zone_offset_minutes')(instant, tz_iana) }}
{%- endmacro %}

{% macro default__zone_offset_minutes(instant, tz_iana) -%}
    cast(round(extract(
        epoch from (({{ instant }} at time zone {{ tz_iana }}) - ({{ instant }} at time zone 'UTC'))
    ) / 60) as integer)
{%- endmacro %}
