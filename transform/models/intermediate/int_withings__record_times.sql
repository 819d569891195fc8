-- Withings finds most by the local date, and is asked for a day more at both ends.
{% set text = dbt.type_string() -%}
{%- set day_before = dbt.dateadd('hour', -24, to_utc('cast(date as timestamp)')) -%}
{%- set day_after = dbt.dateadd('hour', 48, to_utc('cast(date as timestamp)')) -%}

-- Goals are not judged: nobody has seen whether a question by date returns them.
select
    'withings' as source_system,
    user_id as source_account_id,
    'measure_groups' as stream,
    'withings_raw.measure_groups' as raw_relation,
    cast(grpid as {{ text }}) as raw_source_id,
    {{ to_utc('synced_at') }} as synced_at,
    {{ to_utc('created') }} as source_created_at,
    {{ to_utc('date') }} as start_at,
    {{ to_utc('case when coalesce(category, 1) <> 2 then date end') }} as end_at,
    {{ to_utc('date') }} as found_from,
    {{ to_utc('date') }} as found_until
from {{ ref('base_withings__measure_groups') }}
union all
select
    'withings' as source_system,
    user_id as source_account_id,
    'heart_recordings' as stream,
    'withings_raw.heart_recordings' as raw_relation,
    {{ withings_recording_key() }} as raw_source_id,
    {{ to_utc('synced_at') }} as synced_at,
    {{ to_utc('cast(null as timestamp)') }} as source_created_at,
    {{ to_utc('"timestamp"') }} as start_at,
    {{ to_utc('"timestamp"') }} as end_at,
    {{ to_utc('"timestamp"') }} as found_from,
    {{ to_utc('"timestamp"') }} as found_until
from {{ ref('base_withings__heart_recordings') }}
union all
select
    'withings' as source_system,
    user_id as source_account_id,
    'workouts' as stream,
    'withings_raw.workouts' as raw_relation,
    cast(id as {{ text }}) as raw_source_id,
    {{ to_utc('synced_at') }} as synced_at,
    {{ to_utc('cast(null as timestamp)') }} as source_created_at,
    {{ to_utc('startdate') }} as start_at,
    {{ to_utc('enddate') }} as end_at,
    {{ day_before }} as found_from,
    {{ day_after }} as found_until
from {{ ref('base_withings__workouts') }}
union all
select
    'withings' as source_system,
    user_id as source_account_id,
    'sleep_summary' as stream,
    'withings_raw.sleep_summary' as raw_relation,
    cast(id as {{ text }}) as raw_source_id,
    {{ to_utc('synced_at') }} as synced_at,
    {{ to_utc('created') }} as source_created_at,
    {{ to_utc('startdate') }} as start_at,
    {{ to_utc('enddate') }} as end_at,
    {{ day_before }} as found_from,
    {{ day_after }} as found_until
from {{ ref('base_withings__sleep_summary') }}
union all
-- A local day begins up to 14 hours before UTC's, and ends up to 12 hours after it.
select
    'withings' as source_system,
    user_id as source_account_id,
    'activity' as stream,
    'withings_raw.activity' as raw_relation,
    {{ withings_activity_key() }} as raw_source_id,
    {{ to_utc('synced_at') }} as synced_at,
    {{ to_utc('cast(null as timestamp)') }} as source_created_at,
    {{ dbt.dateadd('hour', -14, to_utc('cast(date as timestamp)')) }} as start_at,
    {{ dbt.dateadd('hour', 36, to_utc('cast(date as timestamp)')) }} as end_at,
    {{ day_before }} as found_from,
    {{ day_after }} as found_until
from {{ ref('base_withings__activity') }}
