-- The sync log of former months, merged. What is added here goes from the log in the same
-- transaction, and after everything that asks for single windows was built:
-- depends_on: {{ ref('deleted_records') }}
-- depends_on: {{ ref('sync_runs') }}
{{ config(
    materialized='incremental', incremental_strategy='append', full_refresh=false,
    on_schema_change='append_new_columns', post_hook='{{ forget_merged_windows(this) }}'
) }}

-- Measured from the newest answer, not from today: a rebuild moves nothing.
with dated as (
    select
        *,
        max(synced_date) over (partition by source_system) as newest_date
    from {{ ref('int_sync__merged_claims') }}
)

select
    source_system,
    source_account_id,
    account_alias,
    stream,
    basis,
    kind,
    window_start_at,
    window_end_at,
    first_synced_at,
    last_synced_at,
    last_window_id,
    windows,
    records,
    distinct_keys,
    landed_rows,
    requests
from dated
-- Whole days only, so that what is merged does not depend on when.
where synced_date < {{ dbt.dateadd('day', -30, 'newest_date') }}
