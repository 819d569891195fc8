-- A group of measures is always read whole: its rows have the `synced_at` of the newest.
{% set text = dbt.type_string() -%}
select
    'whoop' as source_system,
    cast(recoveries.user_id as {{ text }}) as source_account_id,
    'recoveries' as stream,
    'whoop_raw.recoveries' as raw_relation,
    cast(recoveries.cycle_id as {{ text }}) as raw_source_id,
    {{ to_utc('recoveries.synced_at') }} as synced_at,
    'sleeps' as whole_stream,
    'whoop_raw.sleeps' as whole_relation,
    cast(recoveries.sleep_id as {{ text }}) as whole_source_id,
    {{ to_utc('cycles.start') }} as start_at,
    {{ to_utc('cycles."end"') }} as end_at,
    'with_its_sleep' as rule
from {{ ref('base_whoop__recoveries') }} as recoveries
left join {{ ref('base_whoop__cycles') }} as cycles
    on
        recoveries.cycle_id = cycles.id
        and recoveries.user_id = cycles.user_id
union all
select
    'withings' as source_system,
    user_id as source_account_id,
    'measures' as stream,
    'withings_raw.measures' as raw_relation,
    cast(grpid as {{ text }}) as raw_source_id,
    {{ to_utc('max(synced_at)') }} as synced_at,
    'measure_groups' as whole_stream,
    'withings_raw.measure_groups' as whole_relation,
    cast(grpid as {{ text }}) as whole_source_id,
    {{ to_utc('min(date)') }} as start_at,
    {{ to_utc('max(case when coalesce(category, 1) <> 2 then date end)') }} as end_at,
    'with_its_group' as rule
from {{ ref('base_withings__measures') }}
group by user_id, grpid
