-- Why is Tuesday empty? Only what was read in full and has landed counts as received.
{{ config(materialized='table', post_hook='{{ analyze(this) }}') }}

with days as (
    select * from {{ ref('int_sync__asked_days') }}
),

failures as (
    select
        *,
        case when window_start_at < window_end_at then window_start_at end as from_at,
        case
            when window_start_at >= window_end_at then cast({{ to_local('window_start_at', 0) }} as date)
        end as on_date
    from {{ ref('int_sync__attempts') }}
    where status = 'failed' and basis <> 'snapshot'
),

ranked_failures as (
    select
        *,
        row_number() over (
            partition by source_system, source_account_id, account_alias, stream, from_at, on_date
            order by synced_at desc, window_id desc
        ) as recency_rank
    from failures
),

-- Attempts at the same stretch are one. A window without length could not even be planned: those of
-- a day are one, too.
failed_stretches as (
    select
        source_system,
        source_account_id,
        account_alias,
        stream,
        min(window_start_at) as failed_from,
        {{ dbt.dateadd('second', 1, 'max(window_end_at)') }} as failed_until,
        max(synced_at) as synced_at,
        max(case when recency_rank = 1 then window_id end) as window_id,
        max(case when recency_rank = 1 then error end) as error
    from ranked_failures
    group by source_system, source_account_id, account_alias, stream, from_at, on_date
),

failed_days as (
    select
        days.source_system as source_system,
        days.source_account_id as source_account_id,
        days.account_alias as account_alias,
        days.stream as stream,
        days.local_date as local_date,
        failed_stretches.window_id as window_id,
        failed_stretches.error as error,
        row_number() over (
            partition by
                days.source_system, days.source_account_id, days.account_alias, days.stream,
                days.local_date
            order by failed_stretches.synced_at desc, failed_stretches.window_id desc
        ) as recency_rank
    from days
    inner join failed_stretches
        on
            days.source_system = failed_stretches.source_system
            and days.source_account_id = failed_stretches.source_account_id
            and days.account_alias = failed_stretches.account_alias
            and days.stream = failed_stretches.stream
            and days.day_start_at < failed_stretches.failed_until
            and days.day_end_at > failed_stretches.failed_from
    where
        not days.is_proven
        -- Of a day that is partly proven, the failure must be of the other part.
        and (
            days.asked_at is null
            or not exists (
                select 1
                from {{ ref('int_sync__proven_windows') }} as proven_windows
                where
                    proven_windows.source_system = days.source_system
                    and proven_windows.source_account_id = days.source_account_id
                    and proven_windows.stream = days.stream
                    and proven_windows.basis <> 'snapshot'
                    and proven_windows.window_start_at
                    <= greatest(days.day_start_at, failed_stretches.failed_from)
                    and proven_windows.window_end_at
                    >= least(days.day_end_at, failed_stretches.failed_until)
            )
        )
),

-- Grouped, not joined: both may be thousands.
facts as (
    select
        source_system,
        source_account_id,
        account_alias,
        stream,
        local_date,
        case when is_over then 1 else 0 end as is_over,
        case when is_proven then 1 else 0 end as is_proven,
        asked_at,
        window_id as proof_id,
        cast(null as {{ dbt.type_string() }}) as failure_id,
        cast(null as {{ dbt.type_string() }}) as error
    from days
    union all
    select
        source_system,
        source_account_id,
        account_alias,
        stream,
        local_date,
        cast(null as integer) as is_over,
        cast(null as integer) as is_proven,
        cast(null as timestamptz) as asked_at,
        cast(null as {{ dbt.type_string() }}) as proof_id,
        window_id as failure_id,
        error
    from failed_days
    where recency_rank = 1
),

known_days as (
    select
        source_system,
        source_account_id,
        account_alias,
        stream,
        local_date,
        max(is_over) as is_over,
        max(is_proven) as is_proven,
        max(asked_at) as asked_at,
        max(proof_id) as proof_id,
        max(failure_id) as failure_id,
        max(error) as error
    from facts
    group by source_system, source_account_id, account_alias, stream, local_date
),

counted as (
    select
        known_days.source_system as source_system,
        known_days.source_account_id as source_account_id,
        known_days.account_alias as account_alias,
        known_days.stream as stream,
        known_days.local_date as local_date,
        known_days.asked_at as asked_at,
        known_days.proof_id as proof_id,
        known_days.failure_id as failure_id,
        known_days.error as error,
        coalesce(record_days.records, 0) as records,
        coalesce(record_days.pending_records, 0) as pending_records,
        coalesce(record_days.deleted_records, 0) as deleted_records,
        -- A day that is not over yet cannot be known in full.
        known_days.is_proven = 1 or (known_days.is_over = 0 and coalesce(record_days.records, 0) > 0)
            as is_known
    from known_days
    left join {{ ref('int_sync__record_days') }} as record_days
        on
            known_days.source_system = record_days.source_system
            and known_days.source_account_id = record_days.source_account_id
            and known_days.stream = record_days.stream
            and known_days.local_date = record_days.local_date
),

final as (
    select
        *,
        case
            when is_known and pending_records > 0 then 'pending_score'
            when is_known and records > 0 then 'received'
            when is_known and deleted_records > 0 then 'deleted'
            when is_known then 'nothing_recorded'
            when failure_id is not null then 'failed'
            else 'not_yet_asked'
        end as status
    from counted
)

select
    source_system,
    source_account_id,
    account_alias,
    stream,
    local_date,
    status,
    records,
    pending_records,
    deleted_records,
    case when is_known then asked_at end as asked_at,
    case
        when is_known then proof_id
        when status = 'failed' then failure_id
    end as window_id,
    case when status = 'failed' then error end as error
from final
