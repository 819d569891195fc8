{# Minutes east of UTC from `Z`, `+hh:mm` or `-hh:mm`; null for anything else. #}
{% macro offset_minutes(offset_text) -%}
    {{ adapter.dispatch('offset_minutes')(offset_text) }}
{%- endmacro %}

{% macro default__offset_minutes(offset_text) -%}
    case
        when {{ offset_text }} = 'Z' then 0
        when {{ offset_text }} ~ '^[+-](0[0-9]|1[0-3]):[0-5][0-9]$' or {{ offset_text }} = '+14:00'
            then
                case when {{ offset_text }} like '-%' then -1 else 1 end
                * (
                    60 * cast(substring({{ offset_text }} from 2 for 2) as integer)
                    + cast(substring({{ offset_text }} from 5 for 2) as integer)
                )
    end
{%- endmacro %}
