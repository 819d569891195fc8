{#
    The union of all sources of one entity, in the columns of the calling model's
    contract. A column that a source does not have is a typed null. With `accounts`, the
    relation that knows whose they are, `user_id` is the person.
#}
{% macro union_inputs(relations, accounts=none) -%}
    {%- for relation in relations -%}
        {%- set present = adapter.get_columns_in_relation(relation) | map(attribute='name') | list
            if execute else [] -%}
        select
            {%- for column in model.columns.values() %}
            {% if accounts and column.name == 'user_id' -%}
            coalesce(
                accounts.user_id, {{ own_user_id('inputs.source_system', 'inputs.source_account_id') }}
            ) as user_id
            {%- else -%}
            cast({{ 'inputs.' ~ column.name if column.name in present else 'null' }} as {{ engine_type(column.data_type) }}) as {{ column.name }}
            {%- endif -%}
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        from {{ relation }} as inputs
        {% if accounts -%}
        left join {{ accounts }} as accounts
            on
                inputs.source_system = accounts.source_system
                and inputs.source_account_id = accounts.source_account_id
        {%- endif %}
        {%- if not loop.last %}

        union all

        {% endif -%}
    {%- endfor -%}
{%- endmacro %}
