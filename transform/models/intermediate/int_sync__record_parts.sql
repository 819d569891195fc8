-- A group of measures is always read whole: its rows have the `synced_at` of the newest.
{% set text = dbt.type_string() -%}
select
    'whoop' as source_system,
    cast(user_id as {{ text }}) as source_account_id,
    'recoveries' as stream,
    'whoop_raw.recoveries' as raw_relation,
    cast(cycle_id as {{ text }}) as raw_source_id,
    {{ to_utc('synced_at') }} as synced_at,
    'whoop_raw.sleeps' as whole_relation,
    cast(sleep_id as {{ text }}) as whole_source_id,
    'with_its_sleep' as rule
from {{ ref('base_whoop__recoveries') }}
union all
select
    'withings' as source_system,
    user_id as source_account_id,
    'measures' as stream,
    'withings_raw.measures' as raw_relation,
    cast(grpid as {{ text }}) as raw_source_id,
    {{ to_utc('max(synced_at)') }} as synced_at,
    'withings_raw.measure_groups' as whole_relation,
    cast(grpid as {{ text }}) as whole_source_id,
    'with_its_group' as rule
from {{ ref('base_withings__measures') }}
group by user_id, grpid
