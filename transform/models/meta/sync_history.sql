-- The sync log of former months, merged. What is added here goes from the log in the same
-- transaction, and after everything that asks for single windows was built:
-- depends_on: {{ ref('deleted_records') }}
{{ config(
    materialized='incremental', incremental_strategy='append', full_refresh=false,
    on_schema_change='append_new_columns', post_hook='{{ forget_merged_windows(this) }}'
) }}

with merged_claims as (
    select * from {{ ref('int_sync__merged_claims') }}
),

-- Measured from the newest answer, not from today: a rebuild moves nothing.
newest as (
    select
        source_system,
        {{ dbt.dateadd('day', -30, 'max(synced_at)') }} as kept_from
    from {{ ref('int_sync__claims') }}
    where status = 'complete'
    group by source_system
)

select
    merged_claims.source_system as source_system,
    merged_claims.source_account_id as source_account_id,
    merged_claims.account_alias as account_alias,
    merged_claims.stream as stream,
    merged_claims.basis as basis,
    merged_claims.kind as kind,
    merged_claims.window_start_at as window_start_at,
    merged_claims.window_end_at as window_end_at,
    merged_claims.first_synced_at as first_synced_at,
    merged_claims.last_synced_at as last_synced_at,
    merged_claims.last_window_id as last_window_id,
    merged_claims.windows as windows,
    merged_claims.records as records,
    merged_claims.distinct_keys as distinct_keys,
    merged_claims.landed_rows as landed_rows,
    merged_claims.requests as requests
from merged_claims
inner join newest
    on merged_claims.source_system = newest.source_system
-- Whole days only, so that what is merged does not depend on when.
where merged_claims.synced_date < cast({{ to_local('newest.kept_from', 0) }} as date)
