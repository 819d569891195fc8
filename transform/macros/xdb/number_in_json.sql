{# The number at a path of names in a JSON document, null where there is none, or something else. #}
{% macro number_in_json(document, path) -%}
    {{ adapter.dispatch('number_in_json')(document, path) }}
{%- endmacro %}

{% macro default__number_in_json(document, path) -%}
    {%- set at = "'{" ~ path | join(',') ~ "}'" -%}
    {%- set json = "cast(replace(" ~ document ~ ", '\\u0000', '') as jsonb)" -%}
    case when jsonb_typeof({{ json }} #> {{ at }}) = 'number' then cast({{ json }} #>> {{ at }} as numeric) end
{%- endmacro %}

{% macro duckdb__number_in_json(document, path) -%}
    {%- set at = "'$." ~ path | join('.') ~ "'" -%}
    case
        when json_type({{ document }}, {{ at }}) in ('UBIGINT', 'BIGINT', 'DOUBLE')
            then try_cast(json_extract_string({{ document }}, {{ at }}) as {{ engine_type('numeric') }})
    end
{%- endmacro %}
