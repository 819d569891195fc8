{# Whether an interval of `user_timezone_history` holds at an instant. #}
{% macro zone_holds_at(zone_interval, instant) -%}
    {{ instant }} >= {{ zone_interval }}.valid_from
    and ({{ zone_interval }}.valid_to is null or {{ instant }} < {{ zone_interval }}.valid_to)
{%- endmacro %}

{# Minutes east of UTC at an instant, by an interval of `user_timezone_history`. #}
{% macro zone_interval_offset(zone_interval, instant) -%}
    case
        when {{ zone_interval }}.tz_iana is null then {{ zone_interval }}.utc_offset_min
        else {{ zone_offset_minutes(instant, zone_interval ~ '.tz_iana') }}
    end
{%- endmacro %}
