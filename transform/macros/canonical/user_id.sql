{#
    The person behind a vendor account. For now each vendor account is a person of its
    own; linking one person over vendors will change this macro and nothing else.
#}
{% macro user_id(source_system, source_account_id) -%}
    {{ dbt.concat([source_system, "':'", source_account_id]) }}
{%- endmacro %}
