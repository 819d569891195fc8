{#
    The union of all sources of one entity, in the columns of the calling model's
    contract. A column that a source does not have is a typed null.
#}
{% macro union_inputs(relations) -%}
    {%- for relation in relations -%}
        {%- set present = adapter.get_columns_in_relation(relation) | map(attribute='name') | list
            if execute else [] -%}
        select
            {%- for column in model.columns.values() %}
            cast({{ column.name if column.name in present else 'null' }} as {{ engine_type(column.data_type) }}) as {{ column.name }}
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        from {{ relation }}
        {%- if not loop.last %}

        union all

        {% endif -%}
    {%- endfor -%}
{%- endmacro %}
