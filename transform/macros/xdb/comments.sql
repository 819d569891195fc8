{#
    What the YAML says of a relation and its columns, as comments, in one statement: a contract makes sure that
    the columns are there. What a build leaves in place has its comments from the build before; after a change
    of the YAML everything is built with `--full-refresh`.
#}
{% macro postgres__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- set stays = config.get('materialized') != 'table' and load_cached_relation(relation) -%}
    {%- if config.persist_column_docs() and (flags.FULL_REFRESH or not stays) -%}
        {%- call statement('comments') -%}
            {{ alter_relation_comment(relation, model.description) }}
            {%- for column in model.columns.values() %}
            comment on column {{ relation }}.{{ adapter.quote(column.name) }} is {{ postgres_escape_comment(column.description) }};
            {%- endfor %}
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}
