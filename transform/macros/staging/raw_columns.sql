{# The raw tables, sync logs as well, that the sources YAML declares. While dbt parses it knows none. #}
{% macro raw_relations() -%}
    {%- set relations = [] -%}
    {%- for node in (graph.sources.values() if execute else []) -%}
        {%- do relations.append(raw_relation(node)) -%}
    {%- endfor -%}
    {{ return(relations) }}
{%- endmacro %}

{# The table of a source, whether it exists or not. #}
{% macro raw_relation(node) -%}
    {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.identifier)) }}
{%- endmacro %}

{# Those of them that this build reads: what has come since it looked first, dbt does not know. #}
{% macro loaded_raw_relations() -%}
    {%- set relations = [] -%}
    {%- for relation in raw_relations() if load_relation(relation) -%}
        {%- do relations.append(relation) -%}
    {%- endfor -%}
    {{ return(relations) }}
{%- endmacro %}

{# A query for the number of columns that tables have; none if they do not exist. #}
{% macro count_raw_columns(relations) -%}
    (
        select count(*)
        from information_schema.columns
        where
            false
            {%- for relation in relations %}
            or (table_schema = '{{ relation.schema }}' and table_name = '{{ relation.identifier }}')
            {%- endfor %}
    )
{%- endmacro %}
