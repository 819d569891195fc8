{#
    A raw table with every column that its source YAML declares, in the declared type.

    Users may deselect a stream or a column, and a fresh database has no raw table yet:
    a missing column becomes a typed null, a missing table becomes zero rows. The YAML
    is the one place that lists columns and types. Adds `record_hash`.
#}
{% macro fill_source(source_name, table_name) -%}
    {%- set raw = source(source_name, table_name) -%}
    {%- if execute -%}
        {%- set declared = graph.sources.values()
            | selectattr('source_name', 'equalto', source_name)
            | selectattr('name', 'equalto', table_name)
            | map(attribute='columns')
            | first -%}
        {%- set loaded = load_relation(raw) -%}
        {%- set present = adapter.get_columns_in_relation(loaded) | map(attribute='name') | list
            if loaded else [] -%}
        with filled as (
            select
                {%- for column in declared.values() %}
                cast({{ adapter.quote(column.name) if column.name in present else 'null' }} as {{ engine_type(column.data_type) }}) as {{ adapter.quote(column.name) }}
                {%- if not loop.last %},{% endif %}
                {%- endfor %}
            {% if loaded %}from {{ raw }}{% else %}where false{% endif %}
        )

        select
            *,
            {{ record_hash(declared.values()) }} as record_hash
        from filled
    {%- endif -%}
{%- endmacro %}
