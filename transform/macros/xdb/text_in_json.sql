{#
    The text at a path of names in a JSON document, null where there is none. The vendor's documents may
    have NUL, which PostgreSQL's jsonb refuses.
#}
{% macro text_in_json(document, path) -%}
    {{ adapter.dispatch('text_in_json')(document, path) }}
{%- endmacro %}

{% macro default__text_in_json(document, path) -%}
    (cast(replace({{ document }}, '\u0000', '') as jsonb) #>> '{{ '{' ~ path | join(',') ~ '}' }}')
{%- endmacro %}

{% macro duckdb__text_in_json(document, path) -%}
    json_extract_string({{ document }}, '$.{{ path | join('.') }}')
{%- endmacro %}
