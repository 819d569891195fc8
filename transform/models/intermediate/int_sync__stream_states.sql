-- All but the time that has gone by: `sync_status` reads nothing else, so that it is away for a moment
-- only while a build replaces what it reads.
{{ config(materialized='table') }}

with attempts as (
    select
        *,
        row_number() over (
            partition by source_system, source_account_id, account_alias, stream
            order by synced_at desc, window_id desc
        ) as recency_rank,
        row_number() over (
            partition by source_system, source_account_id, account_alias, stream, status
            order by synced_at desc, window_id desc
        ) as status_recency_rank
    from {{ ref('int_sync__attempts') }}
),

streams as (
    select
        source_system,
        source_account_id,
        account_alias,
        stream,
        max(case when recency_rank = 1 then status end) as last_status,
        max(case when status = 'failed' and status_recency_rank = 1 then error end) as last_error,
        max(case when status = 'failed' then synced_at end) as last_failure_at
    from attempts
    group by source_system, source_account_id, account_alias, stream
),

successes as (
    select
        source_system,
        source_account_id,
        stream,
        max(last_synced_at) as last_success_at
    from {{ ref('int_sync__proven_windows') }}
    group by source_system, source_account_id, stream
),

-- A stream begins with a backfill, and its log forgets none.
histories as (
    select
        source_system,
        source_account_id,
        stream,
        kind
    from {{ ref('int_sync__claims') }}
    where status = 'complete' and basis <> 'snapshot'
    union all
    select
        source_system,
        source_account_id,
        stream,
        kind
    from {{ ref('int_sync__landed_history') }}
    where basis <> 'snapshot'
),

beginnings as (
    select
        source_system,
        source_account_id,
        stream,
        max(case when kind = 'backfill' then 1 else 0 end) as has_backfill
    from histories
    group by source_system, source_account_id, stream
),

deletions as (
    select * from {{ ref('deleted_records') }}
),

loaded as (
    select
        records.source_system as source_system,
        records.source_account_id as source_account_id,
        records.stream as stream,
        max(case when deletions.raw_source_id is null then records.recorded_at end) as newest_record_at,
        count(*) as loaded_rows,
        count(deletions.raw_source_id) as deleted_rows
    from {{ ref('int_sync__records') }} as records
    left join deletions
        on
            records.raw_relation = deletions.raw_relation
            and records.source_account_id = deletions.source_account_id
            and records.raw_source_id = deletions.raw_source_id
            and records.synced_at = deletions.record_synced_at
    group by records.source_system, records.source_account_id, records.stream
),

held as (
    select
        source_system,
        source_account_id,
        stream,
        cast(sum(records) as bigint) as records
    from {{ ref('held_deletions') }}
    group by source_system, source_account_id, stream
)

select
    streams.source_system as source_system,
    streams.source_account_id as source_account_id,
    streams.account_alias as account_alias,
    streams.stream as stream,
    successes.last_success_at as last_success_at,
    loaded.newest_record_at as newest_record_at,
    streams.last_status as last_status,
    streams.last_error as last_error,
    streams.last_failure_at as last_failure_at,
    coalesce(loaded.loaded_rows, 0) as rows,
    coalesce(loaded.deleted_rows, 0) as deleted_rows,
    coalesce(held.records, 0) as held_deletions,
    coalesce(beginnings.has_backfill = 0, false) as is_history_missing
from streams
left join successes
    on
        streams.source_system = successes.source_system
        and streams.source_account_id = successes.source_account_id
        and streams.stream = successes.stream
left join loaded
    on
        streams.source_system = loaded.source_system
        and streams.source_account_id = loaded.source_account_id
        and streams.stream = loaded.stream
left join held
    on
        streams.source_system = held.source_system
        and streams.source_account_id = held.source_account_id
        and streams.stream = held.stream
left join beginnings
    on
        streams.source_system = beginnings.source_system
        and streams.source_account_id = beginnings.source_account_id
        and streams.stream = beginnings.stream
