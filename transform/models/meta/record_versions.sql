{{ config(materialized='view') }}

with versions as (
    select * from {{ ref('record_version_log') }}
)

select
    source_system,
    source_account_id,
    raw_relation,
    raw_source_id,
    record_hash,
    record,
    source_updated_at,
    valid_from,
    lead(valid_from) over (
        partition by raw_relation, source_account_id, raw_source_id
        order by valid_from
    ) as valid_to
from versions
