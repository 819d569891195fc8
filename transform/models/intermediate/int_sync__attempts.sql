-- An account is the vendor's user, and is called as it was called last. A failure that came before
-- the user was known is of the user that this alias had last.
{{ config(materialized='table') }}

with newest as (
    select
        source_system,
        max(synced_at) as synced_at
    from {{ ref('int_sync__landed_rows') }}
    group by source_system
),

-- What was read of nobody known is proof of nothing, and is read again. The rows of an answer that was
-- dated years ahead have a better date since then.
claims as (
    select claims.*
    from {{ ref('int_sync__claims') }} as claims
    left join newest
        on claims.source_system = newest.source_system
    where
        claims.status = 'failed'
        or claims.source_account_id is not null
        and (
            newest.synced_at is null
            or claims.synced_at <= {{ dbt.dateadd('hour', 720, 'newest.synced_at') }}
        )
),

windows as (
    select
        source_system,
        source_account_id,
        account_alias,
        stream,
        basis,
        'complete' as status,
        cast(null as {{ dbt.type_string() }}) as error,
        cast(null as {{ dbt.type_string() }}) as window_id,
        min(window_start_at) as window_start_at,
        max(window_end_at) as window_end_at,
        max(last_synced_at) as synced_at
    from {{ ref('int_sync__proven_windows') }}
    group by source_system, source_account_id, account_alias, stream, basis
    union all
    select
        source_system,
        source_account_id,
        account_alias,
        stream,
        basis,
        'failed' as status,
        case when status = 'complete' then 'rows_missing' else error end as error,
        window_id,
        window_start_at,
        window_end_at,
        synced_at
    from claims
    where not is_proven
    union all
    select
        source_system,
        source_account_id,
        account_alias,
        stream,
        basis,
        'failed' as status,
        'rows_missing' as error,
        window_id,
        window_start_at,
        window_end_at,
        last_synced_at as synced_at
    from {{ ref('int_sync__landed_history') }}
    where not is_proven
),

-- One row for each name of each user: few.
seen as (
    select
        source_system,
        source_account_id,
        account_alias,
        max(synced_at) as synced_at
    from windows
    where source_account_id is not null
    group by source_system, source_account_id, account_alias
),

ranked as (
    select
        source_system,
        source_account_id,
        account_alias,
        row_number() over (
            partition by source_system, account_alias
            order by synced_at desc, source_account_id desc
        ) as user_rank,
        row_number() over (
            partition by source_system, source_account_id
            order by synced_at desc, account_alias desc
        ) as alias_rank
    from seen
),

known as (
    select
        windows.source_system as source_system,
        windows.account_alias as account_alias,
        windows.stream as stream,
        windows.basis as basis,
        windows.window_start_at as window_start_at,
        windows.window_end_at as window_end_at,
        windows.status as status,
        windows.error as error,
        windows.synced_at as synced_at,
        windows.window_id as window_id,
        coalesce(windows.source_account_id, owners.source_account_id) as source_account_id
    from windows
    left join ranked as owners
        on
            windows.source_system = owners.source_system
            and windows.account_alias = owners.account_alias
            and owners.user_rank = 1
)

select
    known.source_system as source_system,
    known.stream as stream,
    known.basis as basis,
    known.window_start_at as window_start_at,
    known.window_end_at as window_end_at,
    known.status as status,
    known.error as error,
    known.synced_at as synced_at,
    known.window_id as window_id,
    coalesce(known.source_account_id, 'unknown') as source_account_id,
    coalesce(renamed.account_alias, known.account_alias) as account_alias
from known
left join ranked as renamed
    on
        known.source_system = renamed.source_system
        and known.source_account_id = renamed.source_account_id
        and renamed.alias_rank = 1
