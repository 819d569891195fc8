{#
    A key from the values of its parts: the same on every run, every engine and every
    machine. Null and the empty text give different keys.
#}
{% macro surrogate_key(parts) -%}
    {%- set values = [] -%}
    {%- for part in parts -%}
        {%- do values.append("coalesce('=' || cast(" ~ part ~ " as " ~ dbt.type_string() ~ "), '')") -%}
        {%- if not loop.last -%}{%- do values.append("'|'") -%}{%- endif -%}
    {%- endfor -%}
    {{ dbt.hash(dbt.concat(values)) }}
{%- endmacro %}
