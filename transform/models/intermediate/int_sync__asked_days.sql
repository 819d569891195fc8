-- Which days lie wholly in what is proven, and by what. Days and windows are laid side by side and
-- looked up by their order: both are thousands, too many to join.
{{ config(materialized='table', post_hook='{{ analyze(this) }}') }}

-- Measures come and go with their group.
with streams as (
    select
        source_system,
        source_account_id,
        account_alias,
        stream,
        row_number() over (order by source_system, source_account_id, account_alias, stream) as stream_no,
        coalesce(
            min(case when window_start_at < window_end_at then window_start_at end), min(window_start_at)
        ) as asked_from
    from {{ ref('int_sync__attempts') }}
    where basis = 'activity_time' and stream <> 'measures'
    group by source_system, source_account_id, account_alias, stream
),

days as (
    select
        streams.stream_no as stream_no,
        local_days.local_date as local_date,
        local_days.day_start_at as day_start_at,
        local_days.day_end_at as day_end_at,
        local_days.is_over as is_over
    from streams
    inner join {{ ref('int_sync__local_days') }} as local_days
        on
            streams.source_system = local_days.source_system
            and streams.source_account_id = local_days.source_account_id
            and streams.account_alias = local_days.account_alias
            and streams.asked_from < local_days.day_end_at
),

windows as (
    select
        streams.stream_no as stream_no,
        proven_windows.basis as basis,
        proven_windows.kind as kind,
        proven_windows.window_end_at as window_end_at,
        proven_windows.last_synced_at as last_synced_at,
        proven_windows.window_id as window_id,
        greatest(proven_windows.window_start_at, streams.asked_from) as window_start_at
    from streams
    inner join {{ ref('int_sync__proven_windows') }} as proven_windows
        on
            streams.source_system = proven_windows.source_system
            and streams.source_account_id = proven_windows.source_account_id
            and streams.stream = proven_windows.stream
            and streams.asked_from < proven_windows.window_end_at
    where proven_windows.basis <> 'snapshot'
),

reached as (
    select
        *,
        max(window_end_at) over (
            partition by stream_no
            order by window_start_at, window_end_at
            rows between unbounded preceding and 1 preceding
        ) as reached_at
    from windows
),

numbered as (
    select
        *,
        sum(case when window_start_at > reached_at then 1 else 0 end) over (
            partition by stream_no
            order by window_start_at, window_end_at
            rows between unbounded preceding and current row
        ) as stretch_no
    from reached
),

marks as (
    select
        stream_no,
        min(window_start_at) as marked_at,
        max(window_end_at) as proven_until,
        cast(null as date) as local_date,
        cast(null as timestamptz) as day_end_at,
        cast(null as boolean) as is_over
    from numbered
    group by stream_no, stretch_no
    union all
    select
        stream_no,
        day_start_at as marked_at,
        cast(null as timestamptz) as proven_until,
        local_date,
        day_end_at,
        is_over
    from days
),

looked_up as (
    select
        stream_no,
        marked_at,
        local_date,
        day_end_at,
        is_over,
        max(proven_until) over (
            partition by stream_no
            order by marked_at, case when local_date is null then 0 else 1 end
            rows between unbounded preceding and current row
        ) as proven_until
    from marks
),

-- What was read next of the same kind makes a stretch out of date where it covers the same days.
followed as (
    select
        *,
        lead(window_start_at) over (
            partition by stream_no, basis, kind
            order by last_synced_at, window_id
        ) as next_start_at,
        lead(window_end_at) over (
            partition by stream_no, basis, kind
            order by last_synced_at, window_id
        ) as next_end_at
    from windows
),

newest as (
    select
        *,
        case
            when next_end_at >= window_end_at and next_start_at < window_end_at then next_start_at
            else window_end_at
        end as newest_until
    from followed
),

-- A local date begins at most 14 hours before UTC's, and ends at most 12 hours after it.
candidates as (
    select
        stream_no,
        local_date,
        marked_at as day_start_at,
        day_end_at,
        case when is_over then 1 else 0 end as is_over,
        case when proven_until >= day_end_at then 1 else 0 end as is_proven,
        cast(null as timestamptz) as window_start_at,
        cast(null as timestamptz) as window_end_at,
        cast(null as timestamptz) as newest_until,
        cast(null as timestamptz) as last_synced_at,
        cast(null as {{ dbt.type_string() }}) as window_id
    from looked_up
    where local_date is not null
    union all
    select
        newest.stream_no as stream_no,
        cast(calendar.midnight as date) as local_date,
        cast(null as timestamptz) as day_start_at,
        cast(null as timestamptz) as day_end_at,
        cast(null as integer) as is_over,
        cast(null as integer) as is_proven,
        newest.window_start_at as window_start_at,
        newest.window_end_at as window_end_at,
        newest.newest_until as newest_until,
        newest.last_synced_at as last_synced_at,
        newest.window_id as window_id
    from newest
    cross join lateral {{ dates_between(
        'cast(' ~ dbt.dateadd('day', -1, to_local('newest.window_start_at', 0)) ~ ' as date)',
        'cast(' ~ dbt.dateadd('day', 1, to_local('newest.newest_until', 0)) ~ ' as date)'
    ) }} as calendar (midnight)
),

dated as (
    select
        stream_no,
        local_date,
        window_start_at,
        window_end_at,
        newest_until,
        last_synced_at,
        window_id,
        max(day_start_at) over (partition by stream_no, local_date) as day_start_at,
        max(day_end_at) over (partition by stream_no, local_date) as day_end_at,
        max(is_over) over (partition by stream_no, local_date) as is_over,
        max(is_proven) over (partition by stream_no, local_date) as is_proven
    from candidates
),

-- A window that covers the whole day, else one that covers a part of it, else none.
fitted as (
    select
        *,
        case
            when
                window_start_at <= day_start_at and window_end_at >= day_end_at
                and newest_until > day_start_at
                then 0
            when window_start_at < day_end_at and newest_until > day_start_at then 1
            else 2
        end as fit
    from dated
    where day_start_at is not null
),

ranked as (
    select
        *,
        row_number() over (
            partition by stream_no, local_date
            order by fit asc, last_synced_at desc, window_id desc
        ) as fit_rank
    from fitted
)

select
    streams.source_system as source_system,
    streams.source_account_id as source_account_id,
    streams.account_alias as account_alias,
    streams.stream as stream,
    ranked.local_date as local_date,
    ranked.day_start_at as day_start_at,
    ranked.day_end_at as day_end_at,
    ranked.is_over = 1 as is_over,
    ranked.is_proven = 1 as is_proven,
    case when ranked.fit < 2 then ranked.last_synced_at end as asked_at,
    case when ranked.fit < 2 then ranked.window_id end as window_id
from ranked
inner join streams
    on ranked.stream_no = streams.stream_no
where ranked.fit_rank = 1
