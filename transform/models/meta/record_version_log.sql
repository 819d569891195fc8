-- Only ever added to: nobody can read again what a vendor has overwritten.
{{ config(
    materialized='incremental', incremental_strategy='append', full_refresh=false,
    on_schema_change='append_new_columns'
) }}

with records as (
    select *
    from {{ ref('int_sync__records') }}
    -- A measure is part of its group's record.
    where raw_relation <> 'withings_raw.measures'
),

{% if is_incremental() -%}
known as (
    select
        *,
        lead(valid_from) over (
            partition by raw_relation, source_account_id, raw_source_id
            order by valid_from
        ) as valid_to
    from {{ this }}
),

new_records as (
    select records.*
    from records
    left join known
        on
            records.raw_relation = known.raw_relation
            and records.source_account_id = known.source_account_id
            and records.raw_source_id = known.raw_source_id
            and records.synced_at >= known.valid_from
            and (known.valid_to is null or records.synced_at < known.valid_to)
    where
        known.raw_source_id is null
        -- A row that was not read again cannot have changed; its hash can, when a column is added.
        or (records.synced_at > known.valid_from and records.record_hash <> known.record_hash)
)
{%- else -%}
new_records as (
    select * from records
)
{%- endif %}

select
    source_system,
    source_account_id,
    raw_relation,
    raw_source_id,
    record_hash,
    record,
    source_updated_at,
    synced_at as valid_from
from new_records
