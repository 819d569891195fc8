{# What every canonical row begins with after its key: whose it is, where it is from, whether it still is. #}
{% macro canonical_lineage(relation_alias=none) -%}
    {%- set of_table = relation_alias ~ '.' if relation_alias else '' -%}
    {{ of_table }}user_id{{ ' as user_id' if relation_alias }},
    {{ lineage_columns(relation_alias) }},
    {{ of_table }}deleted_at is not null as is_deleted
{%- endmacro %}
