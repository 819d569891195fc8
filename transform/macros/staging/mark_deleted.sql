{#
    The rows of a raw table with `deleted_at`: since when the vendor is known not to have the record
    any more, null while it has it. A row that was read again is newer than its entry: it is back.
    `key` names the columns of the record's key with the alias `records`.
#}
{% macro mark_deleted(relation, raw_relation, key) -%}
    select
        records.*,
        deletions.deleted_at
    from {{ relation }} as records
    left join {{ ref('deleted_records') }} as deletions
        on deletions.raw_relation = '{{ raw_relation }}'
        and cast(records.user_id as {{ dbt.type_string() }}) = deletions.source_account_id
        and cast({{ key }} as {{ dbt.type_string() }}) = deletions.raw_source_id
        and {{ to_utc('records.synced_at') }} = deletions.record_synced_at
{%- endmacro %}
