-- How many records each stream has of each local date: the one that canonical gives them.
{{ config(materialized='table', post_hook='{{ analyze(this) }}') }}
{% set moments = [
    ('measure_groups', 'stg_withings__measure_groups', 'measured_at'),
    ('ecg_signals', 'stg_withings__ecg_signals', 'recorded_at'),
    ('intraday_activity', 'stg_withings__intraday_activity', 'sample_start_at'),
] -%}

with user_zones as (
    select
        *,
        row_number() over (order by source_system, source_account_id, valid_from) as zone_no
    from {{ ref('int_zones__accounts') }}
),

-- The zone of a moment is the last one that began before it: looked up by order, since samples are
-- many.
marks as (
    {% for stream, model, moment in moments -%}
    select
        '{{ stream }}' as stream,
        source_system,
        source_account_id,
        {{ moment }} as marked_at,
        deleted_at,
        cast(null as bigint) as zone_no
    from {{ ref(model) }}
    union all
    {% endfor -%}
    select
        cast(null as {{ dbt.type_string() }}) as stream,
        source_system,
        source_account_id,
        valid_from as marked_at,
        cast(null as timestamptz) as deleted_at,
        zone_no
    from user_zones
),

looked_up as (
    select
        stream,
        source_system,
        source_account_id,
        marked_at,
        deleted_at,
        max(zone_no) over (
            partition by source_system, source_account_id
            order by marked_at, case when stream is null then 0 else 1 end
            rows between unbounded preceding and current row
        ) as zone_no
    from marks
),

records as (
    select
        looked_up.source_system as source_system,
        looked_up.source_account_id as source_account_id,
        looked_up.stream as stream,
        cast({{ to_local(
            'looked_up.marked_at', zone_interval_offset('user_zones', 'looked_up.marked_at')
        ) }} as date) as local_date,
        cast(null as {{ dbt.type_string() }}) as score_state,
        looked_up.deleted_at as deleted_at
    from looked_up
    left join user_zones
        on looked_up.zone_no = user_zones.zone_no
    where looked_up.stream is not null
    union all
    select
        source_system,
        source_account_id,
        {{ dbt.split_part('raw_relation', "'.'", 2) }} as stream,
        local_date,
        score_state,
        deleted_at
    from {{ ref('sleep_sessions') }}
    union all
    select
        source_system,
        source_account_id,
        {{ dbt.split_part('raw_relation', "'.'", 2) }} as stream,
        local_date,
        score_state,
        deleted_at
    from {{ ref('workouts') }}
    union all
    select
        source_system,
        source_account_id,
        {{ dbt.split_part('raw_relation', "'.'", 2) }} as stream,
        local_date,
        cast(null as {{ dbt.type_string() }}) as score_state,
        deleted_at
    from {{ ref('sleep_stages') }}
    union all
    select
        cycles.source_system as source_system,
        cycles.source_account_id as source_account_id,
        'cycles' as stream,
        cycle_dates.local_date as local_date,
        cycles.score_state as score_state,
        cycles.deleted_at as deleted_at
    from {{ ref('stg_whoop__cycles') }} as cycles
    inner join {{ ref('int_whoop__cycle_dates') }} as cycle_dates
        on cycles.raw_source_id = cycle_dates.cycle_id
    union all
    select
        recoveries.source_system as source_system,
        recoveries.source_account_id as source_account_id,
        'recoveries' as stream,
        coalesce(
            recovery_times.local_date,
            cast({{ to_local('recovery_times.effective_at', 'recovery_times.utc_offset_min') }} as date)
        ) as local_date,
        recoveries.score_state as score_state,
        recoveries.deleted_at as deleted_at
    from {{ ref('stg_whoop__recoveries') }} as recoveries
    inner join {{ ref('int_whoop__recovery_times') }} as recovery_times
        on recoveries.raw_source_id = recovery_times.raw_source_id
    union all
    select
        source_system,
        source_account_id,
        'activity' as stream,
        local_date,
        cast(null as {{ dbt.type_string() }}) as score_state,
        deleted_at
    from {{ ref('stg_withings__activities') }}
    union all
    select
        source_system,
        source_account_id,
        'heart_recordings' as stream,
        cast(recorded_local as date) as local_date,
        cast(null as {{ dbt.type_string() }}) as score_state,
        deleted_at
    from {{ ref('stg_withings__heart_recordings') }}
)

select
    source_system,
    source_account_id,
    stream,
    local_date,
    count(*) - count(deleted_at) as records,
    count(case when deleted_at is null and score_state = 'PENDING_SCORE' then 1 end) as pending_records,
    count(deleted_at) as deleted_records
from records
group by source_system, source_account_id, stream, local_date
