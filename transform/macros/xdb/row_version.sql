{#
    A number that changes whenever a row of a loaded table is written, whoever writes it and whatever
    the clocks say; elsewhere when it was read.
#}
{% macro row_version(relation) -%}
    {{ adapter.dispatch('row_version')(relation) }}
{%- endmacro %}

{% macro default__row_version(relation) -%}
    cast({{ seconds_between("cast('1970-01-01' as timestamp)", 'synced_at') }} * 1000000 as bigint)
{%- endmacro %}

{% macro postgres__row_version(relation) -%}
    {%- if relation.is_view -%}
        {{ default__row_version(relation) }}
    {%- else -%}
        cast(cast(xmin as text) as bigint)
    {%- endif -%}
{%- endmacro %}
