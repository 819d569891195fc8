-- What a run did is known as long as all of its windows are in the log, which is 30 days and more. After
-- that its row stays as it is.
{{ config(
    materialized='incremental', incremental_strategy='delete+insert',
    unique_key=['run_id', 'source_system', 'account_alias'], full_refresh=false,
    on_schema_change='append_new_columns'
) }}

with claims as (
    select * from {{ ref('int_sync__claims') }}
),

-- As the log is merged: by whole UTC days, counted back from the newest answer.
kept as (
    select
        source_system,
        {{ dbt.dateadd('day', -30, 'max(cast(' ~ to_local('synced_at', 0) ~ ' as date))') }} as first_date
    from claims
    where status = 'complete'
    group by source_system
),

errors as (
    select
        run_id,
        source_system,
        account_alias,
        {{ dbt.listagg('error', "', '", 'order by error') }} as errors
    from (
        select distinct
            run_id,
            source_system,
            account_alias,
            error
        from claims
        where error is not null
    ) as classes
    group by run_id, source_system, account_alias
),

runs as (
    select
        run_id,
        source_system,
        account_alias,
        cast(sum(records) as bigint) as records,
        cast(sum(requests) as bigint) as requests,
        max(source_account_id) as source_account_id,
        min(synced_at) as started_at,
        max(synced_at) as ended_at,
        count(case when status = 'complete' then 1 end) as complete_windows,
        count(case when status = 'failed' then 1 end) as failed_windows
    from claims
    where run_id is not null
    group by run_id, source_system, account_alias
)

select
    runs.run_id as run_id,
    runs.source_system as source_system,
    runs.account_alias as account_alias,
    runs.source_account_id as source_account_id,
    runs.started_at as started_at,
    runs.ended_at as ended_at,
    runs.complete_windows as complete_windows,
    runs.failed_windows as failed_windows,
    runs.records as records,
    runs.requests as requests,
    errors.errors as errors,
    case
        when runs.failed_windows = 0 then 'complete'
        when runs.complete_windows = 0 then 'failed'
        else 'partial'
    end as status
from runs
left join errors
    on
        runs.run_id = errors.run_id
        and runs.source_system = errors.source_system
        and runs.account_alias = errors.account_alias
{%- if is_incremental() %}
left join {{ this }} as known
    on
        runs.run_id = known.run_id
        and runs.source_system = known.source_system
        and runs.account_alias = known.account_alias
left join kept
    on runs.source_system = kept.source_system
where
    known.run_id is null
    or kept.first_date is null
    or cast({{ to_local('known.started_at', 0) }} as date) >= kept.first_date
{%- endif %}
