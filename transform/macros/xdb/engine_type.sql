{#
    A type of a contract or of a sources YAML, as the engine spells it. Where a number has to have a
    scale, `numeric` is 38 digits, 18 of them decimals: every bigint, and every float from 0.01 up.
#}
{% macro engine_type(name) -%}
    {{ return(adapter.dispatch('engine_type')(name)) }}
{%- endmacro %}

{% macro default__engine_type(name) -%}
    {{ return(name) }}
{%- endmacro %}

{# There plain `numeric` has three decimals. #}
{% macro duckdb__engine_type(name) -%}
    {{ return('decimal(38, 18)' if name == 'numeric' else name) }}
{%- endmacro %}
