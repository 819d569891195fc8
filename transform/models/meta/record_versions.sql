{{ config(materialized='view') }}

with versions as (
    select
        *,
        lead(valid_from) over (
            partition by raw_relation, source_account_id, raw_source_id
            order by valid_from
        ) as next_valid_from
    from {{ ref('record_version_log') }}
),

ends as (
    select
        versions.raw_relation as raw_relation,
        versions.source_account_id as source_account_id,
        versions.raw_source_id as raw_source_id,
        versions.valid_from as valid_from,
        min(deletions.deleted_at) as deleted_at
    from versions
    inner join {{ ref('deleted_records') }} as deletions
        on
            versions.raw_relation = deletions.raw_relation
            and versions.source_account_id = deletions.source_account_id
            and versions.raw_source_id = deletions.raw_source_id
            and versions.valid_from < deletions.deleted_at
            and (versions.next_valid_from is null or versions.next_valid_from > deletions.deleted_at)
    group by
        versions.raw_relation, versions.source_account_id, versions.raw_source_id, versions.valid_from
)

select
    versions.source_system as source_system,
    versions.source_account_id as source_account_id,
    versions.raw_relation as raw_relation,
    versions.raw_source_id as raw_source_id,
    versions.record_hash as record_hash,
    versions.record as record,
    versions.source_updated_at as source_updated_at,
    versions.valid_from as valid_from,
    coalesce(ends.deleted_at, versions.next_valid_from) as valid_to
from versions
left join ends
    on
        versions.raw_relation = ends.raw_relation
        and versions.source_account_id = ends.source_account_id
        and versions.raw_source_id = ends.raw_source_id
        and versions.valid_from = ends.valid_from
