{# A hash of 32 hexadecimal digits as a UUID of version 8 (RFC 9562), the one for identifiers of one's own making. #}
{% macro uuid_of_hash(hash) -%}
    {{ dbt.concat([
        "substr(" ~ hash ~ ", 1, 8)", "'-'", "substr(" ~ hash ~ ", 9, 4)", "'-8'", "substr(" ~ hash ~ ", 14, 3)",
        "'-8'", "substr(" ~ hash ~ ", 18, 3)", "'-'", "substr(" ~ hash ~ ", 21, 12)",
    ]) }}
{%- endmacro %}
