-- Append-only: nobody can read again what a vendor has overwritten.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns'
) }}

with records as (
    select *
    from {{ ref('int_sync__records') }}
    where {{ has_versions() }}
),

known as (
    {% if is_incremental() -%}
    select
        raw_relation,
        source_account_id,
        raw_source_id,
        record_hash,
        valid_from,
        lead(valid_from) over (
            partition by raw_relation, source_account_id, raw_source_id
            order by valid_from
        ) as valid_to
    from {{ this }}
    {%- else -%}
    select
        raw_relation,
        source_account_id,
        raw_source_id,
        record_hash,
        synced_at as valid_from,
        synced_at as valid_to
    from records
    where false
    {%- endif %}
),

-- Records that the vendor did not have for a time.
returns as (
    select
        records.raw_relation as raw_relation,
        records.source_account_id as source_account_id,
        records.raw_source_id as raw_source_id,
        max(deletions.deleted_at) as deleted_at
    from records
    inner join {{ ref('deleted_records') }} as deletions
        on
            records.raw_relation = deletions.raw_relation
            and records.source_account_id = deletions.source_account_id
            and records.raw_source_id = deletions.raw_source_id
            and records.synced_at > deletions.deleted_at
    group by records.raw_relation, records.source_account_id, records.raw_source_id
)

select
    records.source_system as source_system,
    records.source_account_id as source_account_id,
    records.raw_relation as raw_relation,
    records.raw_source_id as raw_source_id,
    records.record_hash as record_hash,
    records.record as record,
    records.source_updated_at as source_updated_at,
    records.synced_at as valid_from
from records
left join known
    on
        records.raw_relation = known.raw_relation
        and records.source_account_id = known.source_account_id
        and records.raw_source_id = known.raw_source_id
        and records.synced_at >= known.valid_from
        and (known.valid_to is null or records.synced_at < known.valid_to)
left join returns
    on
        records.raw_relation = returns.raw_relation
        and records.source_account_id = returns.source_account_id
        and records.raw_source_id = returns.raw_source_id
        and known.valid_from < returns.deleted_at
where
    known.raw_source_id is null
    -- A row that was not read again cannot have changed; its hash can, when a column is added.
    or (
        records.synced_at > known.valid_from
        and (records.record_hash <> known.record_hash or returns.raw_source_id is not null)
    )
