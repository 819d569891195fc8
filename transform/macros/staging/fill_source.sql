{#
    A raw table with every column that its source YAML declares, in the declared type.

    Users may deselect a stream or a column, and a fresh database has no raw table yet:
    a missing column becomes a typed null, a missing table becomes zero rows. The YAML
    is the one place that lists columns and types. Adds `record_hash`.

    A table that has not the key of the YAML, `meta: {key: [...]}`, may hold a record many
    times, as other tools leave it: then only the newest reading of each counts.

    Where the YAML says when a record was, `meta: {span: [from, until]}`, a model that replaces the
    rows of some records reads only what lies around them, and `row_version` tells whether a row was
    written since. A table without its key is always read whole.
#}
{% macro fill_source(source_name, table_name) -%}
    {%- set raw = source(source_name, table_name) -%}
    {%- if execute -%}
        {%- set table = source_node(source_name, table_name) -%}
        {%- set declared = table.columns -%}
        {%- set loaded = load_relation(raw) -%}
        {%- set present = adapter.get_columns_in_relation(loaded) | map(attribute='name') | list
            if loaded else [] -%}
        {%- set key = table.config.get('meta', {}).get('key', []) -%}
        {%- set span = source_span(source_name, table_name) -%}
        {%- set may_repeat = key and not key | reject('in', present) | list and not has_unique_key(loaded, key) -%}
        with filled as (
            select
                {%- for column in declared.values() %}
                cast({{ adapter.quote(column.name) if column.name in present else 'null' }} as {{ engine_type(column.data_type) }}) as {{ adapter.quote(column.name) }}
                {%- if not loop.last %},{% endif %}
                {%- endfor %}
                {%- if span %},
                {{ row_version(loaded) if loaded else 'cast(null as bigint)' }} as row_version
                {%- endif %}
            {% if loaded %}from {{ raw }}{% else %}where false{% endif %}
        ){% if may_repeat %},

        hashed as (
            select
                *,
                {{ record_hash(declared.values()) }} as record_hash
            from filled
        ),

        readings as (
            select
                *,
                {{ reading_no(key, declared) }} as reading_no
            from hashed
        )

        select
            {%- for name in declared %}
            {{ adapter.quote(name) }},
            {%- endfor %}
            {%- if span %}
            row_version,
            {%- endif %}
            record_hash
        from readings
        where reading_no = 1
        {%- else %}

        select
            *,
            {{ record_hash(declared.values()) }} as record_hash
        from filled
        {%- if span %}
        where {{ is_in_range(*span) }}
        {%- endif %}
        {%- endif %}
    {%- endif -%}
{%- endmacro %}

{#
    The number of a reading of a record: 1 is the newest. What was read last is what the loader would
    have left; of what was read at one time, or nobody knows when, what the vendor changed last.
#}
{% macro reading_no(key, declared) -%}
    row_number() over (
        partition by
            {%- for name in key %} {{ adapter.quote(name) }}{{ ',' if not loop.last }}{% endfor %}
        order by
            {%- for name in ['synced_at', 'updated_at', 'modified', '_sdc_batched_at'] if name in declared %}
            {{ name }} desc nulls last,
            {%- endfor %}
            record_hash
    )
{%- endmacro %}

{# What the YAML says of a raw table. #}
{% macro source_node(source_name, table_name) -%}
    {{ return(
        graph.sources.values()
        | selectattr('source_name', 'equalto', source_name)
        | selectattr('name', 'equalto', table_name)
        | first
    ) }}
{%- endmacro %}

{# Since when and until when a record of a raw table says something, where the YAML tells it. #}
{% macro source_span(source_name, table_name) -%}
    {{ return(source_node(source_name, table_name).config.get('meta', {}).get('span', []) if execute else []) }}
{%- endmacro %}
