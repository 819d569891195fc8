{#
    An instant as the person's clock showed it, by RFC 3339: 2026-02-01T23:10:00-05:00. An offset that
    is not known is `Z`, one that is known to be zero `+00:00`. Fractions of seconds only where there are any.
#}
{% macro rfc3339(instant, utc_offset_min) -%}
    {%- set text = dbt.type_string() -%}
    {%- set minutes = "abs(" ~ utc_offset_min ~ ")" -%}
    {%- set hours = "cast(" ~ whole_quotient(minutes, 60) ~ " as integer)" -%}
    {{ dbt.concat([
        "rtrim(rtrim(" ~ stable_text(to_local(instant, utc_offset_min), 'timestamp') ~ ", '0'), '.')",
        "coalesce("
            ~ dbt.concat([
                "case when " ~ utc_offset_min ~ " < 0 then '-' else '+' end",
                "lpad(cast(" ~ hours ~ " as " ~ text ~ "), 2, '0')",
                "':'",
                "lpad(cast(" ~ minutes ~ " - 60 * " ~ hours ~ " as " ~ text ~ "), 2, '0')",
            ])
            ~ ", 'Z')",
    ]) }}
{%- endmacro %}
