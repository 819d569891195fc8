{# The instant halfway between two. #}
{% macro midpoint(start_at, end_at) -%}
    {{ adapter.dispatch('midpoint')(start_at, end_at) }}
{%- endmacro %}

{% macro default__midpoint(start_at, end_at) -%}
    {{ dbt.dateadd('second', seconds_between(start_at, end_at) ~ ' / 2', start_at) }}
{%- endmacro %}

{# There `dateadd` takes whole seconds only. #}
{% macro duckdb__midpoint(start_at, end_at) -%}
    ({{ start_at }} + to_microseconds((epoch_us({{ end_at }}) - epoch_us({{ start_at }})) // 2))
{%- endmacro %}
