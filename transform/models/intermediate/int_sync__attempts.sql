-- An account is the vendor's user, and is called as it was called last. A failure that came before
-- the user was known is of the user that this alias had last.
{{ config(materialized='table') }}

with windows as (
    select
        source_system,
        source_account_id,
        account_alias,
        stream,
        basis,
        window_start_at,
        window_end_at,
        status,
        error,
        synced_at,
        window_id
    from {{ ref('int_sync__claims') }}
    union all
    select
        source_system,
        source_account_id,
        account_alias,
        stream,
        basis,
        window_start_at,
        window_end_at,
        'complete' as status,
        cast(null as {{ dbt.type_string() }}) as error,
        last_synced_at as synced_at,
        last_window_id as window_id
    from {{ ref('sync_history') }}
),

known as (
    select
        *,
        case when source_account_id is null then 1 else 0 end as is_anonymous,
        coalesce(
            source_account_id,
            first_value(source_account_id) over (
                partition by source_system, account_alias
                order by
                    case when source_account_id is null then 1 else 0 end asc,
                    synced_at desc,
                    window_id desc
            )
        ) as known_account_id
    from windows
)

select
    source_system,
    stream,
    basis,
    window_start_at,
    window_end_at,
    status,
    error,
    synced_at,
    window_id,
    coalesce(known_account_id, 'unknown') as source_account_id,
    first_value(account_alias) over (
        partition by
            source_system, known_account_id, case when known_account_id is null then account_alias end
        order by is_anonymous asc, synced_at desc, window_id desc
    ) as account_alias
from known
