{# The person of an account that nothing links to another: the account itself. #}
{% macro own_user_id(source_system, source_account_id) -%}
    {{ dbt.concat([source_system, "':'", source_account_id]) }}
{%- endmacro %}
