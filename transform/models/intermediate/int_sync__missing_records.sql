-- Append-only, because the sync log forgets: what waits for a confirmation keeps its evidence.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns'
) }}

with records as (
    select * from {{ ref('int_sync__record_times') }}
),

windows as (
    select * from {{ ref('int_sync__claims') }}
    where is_proven and basis = 'activity_time'
),

known as (
    {% if is_incremental() -%}
    select
        raw_relation,
        source_account_id,
        raw_source_id,
        record_synced_at,
        is_empty_answer
    from {{ this }}
    {%- else -%}
    select
        raw_relation,
        source_account_id,
        raw_source_id,
        synced_at as record_synced_at,
        false as is_empty_answer
    from records
    where false
    {%- endif %}
),

-- Thousands of windows a month slide over the same days: few bounds rule out nearly all records.
bounds as (
    select
        source_system,
        source_account_id,
        stream,
        cast(window_start_at as date) as window_start_date,
        min(window_start_at) as window_start_at,
        max(window_end_at) as window_end_at,
        max(synced_at) as synced_at
    from windows
    group by source_system, source_account_id, stream, cast(window_start_at as date)
),

suspects as (
    select *
    from records
    where
        exists (
            select 1
            from bounds
            where
                bounds.source_system = records.source_system
                and bounds.source_account_id = records.source_account_id
                and bounds.stream = records.stream
                and bounds.synced_at > records.synced_at
                and {{ window_covers('bounds', 'records') }}
        )
        and not exists (
            select 1
            from known
            where
                known.raw_relation = records.raw_relation
                and known.source_account_id = records.source_account_id
                and known.raw_source_id = records.raw_source_id
                and known.record_synced_at = records.synced_at
                and not known.is_empty_answer
        )
),

-- Windows that were read after the record was last seen, and should have had it.
absences as (
    select
        suspects.source_system as source_system,
        suspects.source_account_id as source_account_id,
        suspects.stream as stream,
        suspects.raw_relation as raw_relation,
        suspects.raw_source_id as raw_source_id,
        suspects.synced_at as record_synced_at,
        windows.window_id as window_id,
        windows.synced_at as window_synced_at,
        windows.window_start_at as window_start_at,
        windows.window_end_at as window_end_at,
        windows.distinct_keys as window_records
    from suspects
    inner join windows
        on
            suspects.source_system = windows.source_system
            and suspects.source_account_id = windows.source_account_id
            and suspects.stream = windows.stream
            and suspects.synced_at < windows.synced_at
            and {{ window_covers('windows', 'suspects') }}
    where
        windows.distinct_keys > 0
        -- One empty answer says as much as many.
        or not exists (
            select 1
            from known
            where
                known.raw_relation = suspects.raw_relation
                and known.source_account_id = suspects.source_account_id
                and known.raw_source_id = suspects.raw_source_id
                and known.record_synced_at = suspects.synced_at
        )
),

-- Rows of other windows may have proven a claim whose own were lost on the way. Here they must be
-- of its own time, and no younger than its answer.
landed as (
    select
        asked.window_id as window_id,
        count(*) as landed_rows
    from (
        select distinct
            source_system,
            source_account_id,
            stream,
            window_id,
            window_synced_at,
            window_start_at,
            window_end_at
        from absences
        where window_records > 0
    ) as asked
    inner join records
        on
            asked.source_system = records.source_system
            and asked.source_account_id = records.source_account_id
            and asked.stream = records.stream
            and asked.window_synced_at <= records.synced_at
            and asked.window_end_at >= records.found_from
            and (asked.window_start_at <= records.found_until or records.found_until is null)
            and (
                asked.window_synced_at >= records.source_created_at
                or records.source_created_at is null
            )
    group by asked.window_id
),

proofs as (
    select
        absences.*,
        absences.window_records = 0 as is_empty_answer,
        row_number() over (
            partition by
                absences.raw_relation, absences.source_account_id, absences.raw_source_id
            order by
                case when absences.window_records = 0 then 1 else 0 end asc,
                absences.window_synced_at asc,
                absences.window_id asc
        ) as proof_rank
    from absences
    left join landed
        on absences.window_id = landed.window_id
    where coalesce(landed.landed_rows, 0) >= absences.window_records
)

select
    source_system,
    source_account_id,
    stream,
    raw_relation,
    raw_source_id,
    record_synced_at,
    window_id,
    window_synced_at,
    window_records,
    is_empty_answer
from proofs
where proof_rank = 1
