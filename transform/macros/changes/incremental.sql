{#
    How a model is built whose rows are each made of one record: those of the records in
    `int_changes__records` are replaced, in one transaction, and the others stay. `record_key` names the
    column that has the record's key where the model has no lineage.
#}
{% macro replaced_by_record(record_key=none) -%}
    {{ return(_replaced(
        "{{ narrow_to_records(ref('int_changes__records')) }}",
        "{{ forget_changed_records(this, ref('int_changes__records'), " ~ (record_key | tojson) ~ ") }}",
        [record_key] if record_key else ['raw_source_id', 'raw_relation', 'source_account_id']
    )) }}
{%- endmacro %}

{# The same for a model with one row per person and date, or several: those of the changed dates. #}
{% macro replaced_by_date(days) -%}
    {{ return(_replaced(
        "{{ narrow_to_days(ref('" ~ days ~ "')) }}",
        "{{ forget_changed_days(this, ref('" ~ days ~ "')) }}"
    )) }}
{%- endmacro %}

{% macro _replaced(narrow, forget, index=none) -%}
    {%- if target.type != 'postgres' -%}
        {{ return(dict(materialized='table')) }}
    {%- endif -%}
    {{ return(dict(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook=[narrow, forget],
        indexes=[{'columns': index}] if index else []
    )) }}
{%- endmacro %}

{% macro forget_changed_records(relation, records, record_key=none) -%}
    {%- if is_incremental() -%}
    delete from {{ relation }} as made
    using {{ records }} as records
    where {{ _is_of_record('made', record_key) }}
    {%- endif -%}
{%- endmacro %}

{% macro forget_changed_days(relation, days) -%}
    {%- if is_incremental() -%}
    delete from {{ relation }} as made
    using {{ days }} as days
    where {{ _is_of_day('made') }}
    {%- endif -%}
{%- endmacro %}

{# The rows that a model replaces: a condition for its last `where`. #}
{% macro is_of_changed_record(relation_alias, record_key=none) -%}
    {%- if is_incremental() -%}
    exists (
        select 1
        from {{ model_relation('int_changes__records') }} as records
        where {{ _is_of_record(relation_alias, record_key) }}
    )
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{% macro is_of_changed_day(relation_alias, days) -%}
    {%- if is_incremental() -%}
    {{ is_among_days(relation_alias, model_relation(days)) }}
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{# Whether a row of a person and a date is of some days, a relation like `int_changes__days`. #}
{% macro is_among_days(relation_alias, days) -%}
    exists (
        select 1
        from {{ days }} as days
        where {{ _is_of_day(relation_alias) }}
    )
{%- endmacro %}

{% macro _is_of_record(relation_alias, record_key) -%}
    {%- if record_key -%}
    {{ relation_alias }}.{{ record_key }} = records.record_key
    {%- else -%}
    {{ relation_alias }}.raw_relation = records.raw_relation
    and {{ relation_alias }}.source_account_id = records.source_account_id
    and {{ relation_alias }}.raw_source_id = records.raw_source_id
    {%- endif -%}
{%- endmacro %}

{% macro _is_of_day(relation_alias) -%}
    {{ relation_alias }}.user_id = days.user_id
    and {{ relation_alias }}.local_date between days.from_date and days.until_date
{%- endmacro %}

{# A model's table, where a hook has said already that it is needed. #}
{% macro model_relation(name) -%}
    {%- set node = graph.nodes['model.health.' ~ name] -%}
    {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) }}
{%- endmacro %}
