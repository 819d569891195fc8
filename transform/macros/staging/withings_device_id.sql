{# The device of a Withings record. In keys a missing one is the empty text. #}
{% macro withings_device_id(relation_alias) -%}
    coalesce(nullif({{ relation_alias }}.deviceid, ''), nullif({{ relation_alias }}.hash_deviceid, ''))
{%- endmacro %}
