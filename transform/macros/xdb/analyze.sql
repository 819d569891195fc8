{#
    Statistics of a table that others read in the same build: without any, the planner takes thousands of
    different values for a few, and sorts what it could hash. Autovacuum would come a minute later. A small
    sample is enough, and takes a tenth of the time.
#}
{% macro analyze(relation) -%}
    {{ adapter.dispatch('analyze')(relation) }}
{%- endmacro %}

{% macro default__analyze(relation) -%}
{%- endmacro %}

{% macro postgres__analyze(relation) -%}
    set local default_statistics_target = 10;
    analyze {{ relation }}
{%- endmacro %}
