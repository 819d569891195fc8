{# The first 60 bits of a hexadecimal hash as a positive integer. #}
{% macro hash_to_bigint(hash) -%}
    {{ adapter.dispatch('hash_to_bigint')(hash) }}
{%- endmacro %}

{% macro default__hash_to_bigint(hash) -%}
    cast(cast('x' || substr({{ hash }}, 1, 15) as bit(60)) as bigint)
{%- endmacro %}

{% macro duckdb__hash_to_bigint(hash) -%}
    cast('0x' || substr({{ hash }}, 1, 15) as bigint)
{%- endmacro %}
