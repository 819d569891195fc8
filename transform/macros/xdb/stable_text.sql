{#
    A value as text that depends on the value alone: not on the session's date style,
    and not on trailing zeros (70 and 70.0 are the same measurement).
#}
{% macro stable_text(expression, data_type) -%}
    {{ adapter.dispatch('stable_text')(expression, data_type) }}
{%- endmacro %}

{% macro default__stable_text(expression, data_type) -%}
    {%- if data_type == 'timestamp' -%}
        to_char({{ expression }}, 'YYYY-MM-DD"T"HH24:MI:SS.US')
    {%- elif data_type == 'date' -%}
        to_char({{ expression }}, 'YYYY-MM-DD')
    {%- elif data_type == 'numeric' -%}
        cast(trim_scale({{ expression }}) as {{ dbt.type_string() }})
    {%- else -%}
        cast({{ expression }} as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__stable_text(expression, data_type) -%}
    {%- if data_type == 'timestamp' -%}
        strftime({{ expression }}, '%Y-%m-%dT%H:%M:%S.%f')
    {%- elif data_type == 'date' -%}
        strftime({{ expression }}, '%Y-%m-%d')
    {%- elif data_type == 'numeric' -%}
        rtrim(rtrim(cast(cast({{ expression }} as {{ engine_type('numeric') }}) as varchar), '0'), '.')
    {%- else -%}
        cast({{ expression }} as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}
