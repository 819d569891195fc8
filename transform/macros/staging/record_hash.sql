{#
    Content hash of one vendor record, from the columns of its source YAML.

    What the sync adds (alias, times of sync and load, the verbatim text) is not content, nor
    is what belongs to the answer as a whole (`of_the_answer` in the YAML).
    Names are hashed with their values and nulls are left out: the order of the columns
    and a new column without a value change no hash.
#}
{% macro record_hash(columns) -%}
    {%- set values = [] -%}
    {%- for column in columns | sort(attribute='name') -%}
        {%- set of_the_answer = (column.config or {}).get('meta', {}).get('of_the_answer') -%}
        {%- set added = column.name in ('account', 'synced_at', 'raw') or column.name.startswith('_sdc_') -%}
        {%- if not added and not of_the_answer -%}
            {%- set text = stable_text(adapter.quote(column.name), column.data_type) -%}
            {%- do values.append("coalesce('|" ~ column.name ~ "=' || " ~ text ~ ", '')") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ dbt.hash(dbt.concat(values)) }}
{%- endmacro %}
