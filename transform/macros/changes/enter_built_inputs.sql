{# Enters differences into what the models were made of. #}
{% macro forget_built_inputs(built, differences) -%}
    delete from {{ built }} as built
    using {{ differences }} as differences
    where
        built.kind = differences.kind
        and built.input_key = differences.input_key
        and coalesce(built.source_system, '') = coalesce(differences.source_system, '')
        and coalesce(built.source_account_id, '') = coalesce(differences.source_account_id, '')
        and coalesce(built.user_id, '') = coalesce(differences.user_id, '')
{%- endmacro %}

{% macro enter_built_inputs(built, differences) -%}
    {%- set names = 'kind, source_system, source_account_id, user_id, input_key, input_version, from_at, until_at' -%}
    insert into {{ built }} ({{ names }})
    select {{ names }}
    from {{ differences }}
    where not is_gone
{%- endmacro %}
