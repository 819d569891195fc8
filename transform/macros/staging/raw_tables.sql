{#
    All raw tables but the sync logs, as `raw_tables` in dbt_project.yml lists them, each with what the sources
    YAML says of it: `key` (one value, as text), `span`, `recorded_at` and `updated_at` (none where it does not
    tell). While dbt parses it knows no YAML: then every table has a span, so that every `ref` is seen.
#}
{% macro raw_tables() -%}
    {%- set tables = [] -%}
    {%- for source_system, names in var('raw_tables').items() -%}
        {%- for name in names -%}
            {%- set source_name = source_system ~ '_raw' -%}
            {%- set node = source_node(source_name, name) if execute else none -%}
            {%- set says = node.config.get('meta', {}) if node else dict(span=['null', 'null']) -%}
            {%- do tables.append(dict(
                source_system=source_system,
                name=name,
                relation=source_name ~ '.' ~ name,
                base='base_' ~ source_system ~ '__' ~ name,
                key=record_key(node) if node else 'null',
                span=says.get('span'),
                recorded_at=says.get('recorded_at'),
                updated_at=says.get('updated_at')
            )) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(tables) }}
{%- endmacro %}

{# Those whose records' times are told: a build sees what changes in them. #}
{% macro watched_tables() -%}
    {{ return(raw_tables() | selectattr('span') | list) }}
{%- endmacro %}

{#
    What tells one record of an account from another, as text: the columns of `record` in the YAML, else of the
    key, without the account.
#}
{% macro record_key(table) -%}
    {%- set says = table.config.get('meta', {}) -%}
    {%- set names = says.get('record') or says.key -%}
    {%- set parts = [] -%}
    {%- for name in (names | reject('equalto', 'user_id') | list) or names -%}
        {%- do parts.append(stable_text(adapter.quote(name), table.columns[name].data_type)) -%}
        {%- if not loop.last -%}{%- do parts.append("'|'") -%}{%- endif -%}
    {%- endfor -%}
    {{ dbt.concat(parts) }}
{%- endmacro %}
