{# A query of the IANA names that the engine knows, in a column `tz_iana`. #}
{% macro time_zone_names() -%}
    {{ adapter.dispatch('time_zone_names')() }}
{%- endmacro %}

{% macro default__time_zone_names() -%}
    select name as tz_iana
    from pg_catalog.pg_timezone_names
    where name not like 'posix%' and name <> 'localtime'
{%- endmacro %}

{# There names of three letters are the engine's own, but for these: IST is in India, BST in Bangladesh. #}
{% macro duckdb__time_zone_names() -%}
    select name as tz_iana
    from pg_timezone_names()
    where
        length(name) <> 3
        or name in (
            'CET', 'EET', 'EST', 'GMT', 'HST', 'MET', 'MST', 'PRC', 'ROC', 'ROK', 'UCT', 'UTC', 'WET'
        )
{%- endmacro %}
