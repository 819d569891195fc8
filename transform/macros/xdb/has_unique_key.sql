{#
    Whether no two rows of a table can be alike in these columns, because a key or a unique index on
    some or all of them forbids it. Where nobody can tell: no.
#}
{% macro has_unique_key(relation, columns) -%}
    {{ return(adapter.dispatch('has_unique_key')(relation, columns)) }}
{%- endmacro %}

{% macro default__has_unique_key(relation, columns) -%}
    {{ return(false) }}
{%- endmacro %}

{% macro postgres__has_unique_key(relation, columns) -%}
    {%- set found = run_query("
        select 1
        from pg_catalog.pg_index as indexes
        inner join pg_catalog.pg_class as tables on indexes.indrelid = tables.oid
        inner join pg_catalog.pg_namespace as schemas on tables.relnamespace = schemas.oid
        where
            schemas.nspname = '" ~ relation.schema ~ "'
            and tables.relname = '" ~ relation.identifier ~ "'
            and indexes.indisunique and indexes.indisvalid
            and indexes.indpred is null and indexes.indexprs is null
            and not exists (
                select 1
                from unnest((indexes.indkey::smallint[])[0:indexes.indnkeyatts - 1]) as keys (attnum)
                inner join pg_catalog.pg_attribute as columns
                    on columns.attrelid = tables.oid and columns.attnum = keys.attnum
                where columns.attname not in ('" ~ columns | join("', '") ~ "')
            )
        limit 1
    ") -%}
    {{ return(found | length > 0) }}
{%- endmacro %}

{% macro duckdb__has_unique_key(relation, columns) -%}
    {%- set found = run_query("
        select 1
        from duckdb_constraints()
        where
            database_name = '" ~ relation.database ~ "'
            and schema_name = '" ~ relation.schema ~ "'
            and table_name = '" ~ relation.identifier ~ "'
            and constraint_type in ('PRIMARY KEY', 'UNIQUE')
            and list_has_all(['" ~ columns | join("', '") ~ "'], constraint_column_names)
        limit 1
    ") -%}
    {{ return(found | length > 0) }}
{%- endmacro %}
