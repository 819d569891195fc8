-- What is missing and has not been entered: `deleted_records` holds it back.
{{ config(materialized='view') }}

with records as (
    select * from {{ ref('int_sync__record_times') }}
),

missing as (
    select * from {{ ref('int_sync__missing_records') }}
),

deletions as (
    select * from {{ ref('deleted_records') }}
),

held as (
    select
        missing.source_system as source_system,
        missing.source_account_id as source_account_id,
        missing.stream as stream,
        missing.raw_relation as raw_relation,
        missing.raw_source_id as raw_source_id,
        min(records.start_at) as start_at,
        min(case when missing.is_empty_answer then 1 else 0 end) as has_only_empty_answers
    from missing
    inner join records
        on
            missing.raw_relation = records.raw_relation
            and missing.source_account_id = records.source_account_id
            and missing.raw_source_id = records.raw_source_id
            and missing.record_synced_at = records.synced_at
    where
        not exists (
            select 1
            from deletions
            where
                deletions.raw_relation = missing.raw_relation
                and deletions.source_account_id = missing.source_account_id
                and deletions.raw_source_id = missing.raw_source_id
                and deletions.record_synced_at = missing.record_synced_at
        )
    group by
        missing.source_system, missing.source_account_id, missing.stream, missing.raw_relation,
        missing.raw_source_id
)

select
    source_system,
    source_account_id,
    stream,
    count(*) as records,
    min(start_at) as oldest,
    max(start_at) as newest,
    case when has_only_empty_answers = 1 then 'empty_answer' else 'too_many' end as reason,
    {{ dbt.concat(['source_system', "'.'", 'stream']) }} as confirm_with
from held
group by source_system, source_account_id, stream, has_only_empty_answers
