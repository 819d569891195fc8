{# Enters differences into what the models were made of. #}
{% macro forget_built_inputs(built, differences) -%}
    delete from {{ built }} as built
    using {{ differences }} as differences
    where {{ is_same_input('built', 'differences') }}
{%- endmacro %}

{% macro enter_built_inputs(built, differences) -%}
    {%- set names = 'kind, source_system, source_account_id, user_id, input_key, input_version, from_at, until_at' -%}
    insert into {{ built }} ({{ names }})
    select {{ names }}
    from {{ differences }}
    where not is_gone
{%- endmacro %}

{# Whether two rows are of one input: what is of everybody has no account, what is of an account no person. #}
{% macro is_same_input(input, other) -%}
    {{ input }}.kind = {{ other }}.kind
    and {{ input }}.input_key = {{ other }}.input_key
    {%- for name in ['source_system', 'source_account_id', 'user_id'] %}
    and coalesce({{ input }}.{{ name }}, '') = coalesce({{ other }}.{{ name }}, '')
    {%- endfor %}
{%- endmacro %}
