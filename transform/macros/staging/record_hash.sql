{#
    Content hash of one vendor record, from the columns of its source YAML.

    What the sync adds (alias, times of sync and load, the verbatim text) is not content.
    Names are hashed with their values and nulls are left out: the order of the columns
    and a new column without a value change no hash.
#}
{% macro record_hash(columns) -%}
    {%- set values = [] -%}
    {%- for column in columns | sort(attribute='name') -%}
        {%- if column.name not in ('account', 'synced_at', 'raw') and not column.name.startswith('_sdc_') -%}
            {%- set text = stable_text(adapter.quote(column.name), column.data_type) -%}
            {%- do values.append("coalesce('|" ~ column.name ~ "=' || " ~ text ~ ", '')") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ dbt.hash(dbt.concat(values)) }}
{%- endmacro %}
