{# The key of a day of Withings' activity: the vendor gives none. #}
{% macro withings_activity_key(relation_alias=none) -%}
    {%- set of_table = relation_alias ~ '.' if relation_alias else '' -%}
    {{ dbt.concat([
        stable_text(of_table ~ 'date', 'date'), "'|'", 'cast(' ~ of_table ~ 'brand as text)', "'|'",
        of_table ~ 'deviceid'
    ]) }}
{%- endmacro %}

{# The key of a recording of Withings' list of the heart: the vendor gives none. #}
{% macro withings_recording_key(relation_alias=none) -%}
    {%- set of_table = relation_alias ~ '.' if relation_alias else '' -%}
    {{ dbt.concat([
        stable_text(of_table ~ '"timestamp"', 'timestamp'), "'|'",
        'cast(' ~ of_table ~ 'ecg_signalid as text)', "'|'", of_table ~ 'deviceid'
    ]) }}
{%- endmacro %}

{# The key of a stage of a night: the vendor gives none. #}
{% macro withings_stage_key(relation_alias=none) -%}
    {%- set of_table = relation_alias ~ '.' if relation_alias else '' -%}
    {{ dbt.concat([
        'cast(' ~ of_table ~ 'sleep_id as text)', "'|'", 'cast(' ~ of_table ~ 'model_id as text)', "'|'",
        stable_text(of_table ~ 'startdate', 'timestamp'), "'|'", 'cast(' ~ of_table ~ 'state as text)'
    ]) }}
{%- endmacro %}
