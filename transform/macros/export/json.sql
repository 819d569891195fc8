{#
    JSON as text, put together by concatenation: the same on every engine, and exact, because a
    number is never more than its digits. Each of these is null, not empty, when there is nothing
    to say: objects and arrays leave out what is null.
#}

{# A text that is known here, as a JSON string. #}
{% macro json_constant(value) -%}
    {{ dbt.string_literal(tojson(value)) }}
{%- endmacro %}

{# A decimal in all its digits. #}
{% macro json_number(expression) -%}
    {{ decimal_text(expression) }}
{%- endmacro %}

{# True or false. #}
{% macro json_boolean(expression) -%}
    case {{ expression }} when true then 'true' when false then 'false' end
{%- endmacro %}

{# `members` is a list of pairs: a name, and an expression of JSON text. #}
{% macro json_object(members) -%}
    {%- set texts = [] -%}
    {%- for name, value in members -%}
        {%- do texts.append("coalesce(" ~ dbt.concat([dbt.string_literal(',' ~ tojson(name) ~ ':'), value]) ~ ", '')") -%}
    {%- endfor -%}
    nullif({{ dbt.concat(["'{'", "substr(" ~ dbt.concat(texts) ~ ", 2)", "'}'"]) }}, '{}')
{%- endmacro %}

{# `elements` is a list of expressions of JSON text. #}
{% macro json_array(elements) -%}
    {%- set texts = [] -%}
    {%- for element in elements -%}
        {%- do texts.append("coalesce(" ~ dbt.concat(["','", element]) ~ ", '')") -%}
    {%- endfor -%}
    nullif({{ dbt.concat(["'['", "substr(" ~ dbt.concat(texts) ~ ", 2)", "']'"]) }}, '[]')
{%- endmacro %}
