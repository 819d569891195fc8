-- Append-only: a rebuild neither flags nor un-flags anything. An entry flags the raw row that has
-- its `record_synced_at`; a record that comes back was read later, and is not flagged any more.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns'
) }}

with records as (
    select * from {{ ref('int_sync__record_times') }}
),

parts as (
    select * from {{ ref('int_sync__record_parts') }}
),

missing as (
    select * from {{ ref('int_sync__missing_records') }}
),

windows as (
    select * from {{ ref('int_sync__claims') }}
    where is_proven and basis = 'activity_time'
),

entered as (
    {% if is_incremental() -%}
    select
        source_account_id,
        raw_relation,
        raw_source_id,
        record_synced_at,
        deleted_at,
        window_id
    from {{ this }}
    {%- else -%}
    select
        source_account_id,
        raw_relation,
        raw_source_id,
        record_synced_at,
        window_synced_at as deleted_at,
        window_id
    from missing
    where false
    {%- endif %}
),

-- Still missing, and not entered yet, each with the better of its proofs.
pending as (
    select
        missing.*,
        row_number() over (
            partition by missing.raw_relation, missing.source_account_id, missing.raw_source_id
            order by case when missing.is_empty_answer then 1 else 0 end asc
        ) as proof_rank
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
            from entered
            where
                entered.raw_relation = missing.raw_relation
                and entered.source_account_id = missing.source_account_id
                and entered.raw_source_id = missing.raw_source_id
                and entered.record_synced_at = missing.record_synced_at
        )
),

counted as (
    select
        *,
        sum(case when is_empty_answer then 0 else 1 end) over (
            partition by source_system, source_account_id, stream
        ) as missing_records,
        first_value(window_records) over (
            partition by source_system, source_account_id, stream
            order by
                case when is_empty_answer then 1 else 0 end asc,
                window_synced_at desc,
                window_id asc
        ) as newest_window_records
    from pending
    where proof_rank = 1
),

accepted as (
    select *
    from counted
    where
        {{ is_confirmed_deletion('source_system', 'stream') }}
        or (
            not is_empty_answer
            and (
                missing_records <= {{ deletion_cap_records() }}
                or missing_records * 100 <= newest_window_records * {{ deletion_cap_percent() }}
            )
        )
),

deletions as (
    select
        source_account_id,
        raw_relation,
        raw_source_id,
        record_synced_at,
        deleted_at,
        window_id
    from entered
    union all
    select
        source_account_id,
        raw_relation,
        raw_source_id,
        record_synced_at,
        window_synced_at as deleted_at,
        window_id
    from accepted
),

wholes as (
    select
        deletions.source_account_id as source_account_id,
        deletions.raw_relation as raw_relation,
        deletions.raw_source_id as raw_source_id,
        deletions.deleted_at as deleted_at,
        deletions.window_id as window_id,
        records.start_at as start_at,
        records.end_at as end_at
    from deletions
    inner join records
        on
            deletions.raw_relation = records.raw_relation
            and deletions.source_account_id = records.source_account_id
            and deletions.raw_source_id = records.raw_source_id
            and deletions.record_synced_at = records.synced_at
),

-- Of a run that was killed a part may have landed without its whole, which was gone before the next:
-- a window that should have had the whole did not bring it.
orphans as (
    select *
    from parts
    where
        whole_source_id is not null
        and not exists (
            select 1
            from records
            where
                records.raw_relation = parts.whole_relation
                and records.source_account_id = parts.source_account_id
                and records.raw_source_id = parts.whole_source_id
        )
        and exists (
            select 1
            from windows
            where
                windows.source_system = parts.source_system
                and windows.source_account_id = parts.source_account_id
                and windows.stream = parts.whole_stream
                and windows.synced_at > parts.synced_at
                and windows.distinct_keys > 0
                and {{ window_covers('windows', 'parts') }}
        )
),

-- A part goes with its whole. One that the vendor still had then, or whose whole never landed, goes
-- once a window of its own stream is without it.
part_proofs as (
    select
        parts.*,
        wholes.deleted_at as deleted_at,
        wholes.window_id as window_id
    from parts
    inner join wholes
        on
            parts.whole_relation = wholes.raw_relation
            and parts.source_account_id = wholes.source_account_id
            and parts.whole_source_id = wholes.raw_source_id
            and parts.synced_at < wholes.deleted_at
    union all
    select
        parts.*,
        windows.synced_at as deleted_at,
        windows.window_id as window_id
    from parts
    inner join wholes
        on
            parts.whole_relation = wholes.raw_relation
            and parts.source_account_id = wholes.source_account_id
            and parts.whole_source_id = wholes.raw_source_id
            and parts.synced_at >= wholes.deleted_at
    inner join windows
        on
            parts.source_system = windows.source_system
            and parts.source_account_id = windows.source_account_id
            and parts.stream = windows.stream
            and parts.synced_at < windows.synced_at
            and {{ window_covers('windows', 'wholes') }}
    union all
    select
        orphans.*,
        windows.synced_at as deleted_at,
        windows.window_id as window_id
    from orphans
    inner join windows
        on
            orphans.source_system = windows.source_system
            and orphans.source_account_id = windows.source_account_id
            and orphans.stream = windows.stream
            and orphans.synced_at < windows.synced_at
            and windows.distinct_keys > 0
            and {{ window_covers('windows', 'orphans') }}
),

gone_parts as (
    select
        *,
        row_number() over (
            partition by raw_relation, source_account_id, raw_source_id
            order by deleted_at asc, window_id asc
        ) as proof_rank
    from part_proofs
    where
        not exists (
            select 1
            from entered
            where
                entered.raw_relation = part_proofs.raw_relation
                and entered.source_account_id = part_proofs.source_account_id
                and entered.raw_source_id = part_proofs.raw_source_id
                and entered.record_synced_at = part_proofs.synced_at
        )
)

select
    source_system,
    source_account_id,
    raw_relation,
    raw_source_id,
    record_synced_at,
    window_synced_at as deleted_at,
    window_id,
    'missing' as rule
from accepted
union all
select
    source_system,
    source_account_id,
    raw_relation,
    raw_source_id,
    synced_at as record_synced_at,
    deleted_at,
    window_id,
    rule
from gone_parts
where proof_rank = 1
