{# Where dbt itself reads types out of our YAML, for contracts and seeds: as `engine_type` spells them. #}

{# Before it compares a contract with the query; the table is made of the same columns after that. #}
{% macro duckdb__get_assert_columns_equivalent(sql) -%}
    {%- for column in model.columns.values() -%}
        {%- do column.update({'data_type': engine_type(column.data_type)}) -%}
    {%- endfor -%}
    {{ return(assert_columns_equivalent(sql)) }}
{%- endmacro %}

{% macro duckdb__create_csv_table(model, agate_table) -%}
    {%- set types = model.config.column_types -%}
    {%- for name in types -%}
        {%- do types.update({name: engine_type(types[name])}) -%}
    {%- endfor -%}
    {{ return(default__create_csv_table(model, agate_table)) }}
{%- endmacro %}
