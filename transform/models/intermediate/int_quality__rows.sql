-- What can have a finding against it, in one shape: all of canonical that the vendor still has.
{% set text = dbt.type_string() -%}

with vitals as (
    select * from {{ ref('biometrics_vitals') }}
    where deleted_at is null
),

sleeps as (
    select * from {{ ref('sleep_sessions') }}
    where deleted_at is null
),

workouts as (
    select * from {{ ref('workouts') }}
    where deleted_at is null
),

cycles as (
    select * from {{ ref('int_whoop__cycle_dates') }}
    where deleted_at is null
),

accounts as (
    select * from {{ ref('source_account') }}
)

select
    'biometrics_vitals' as entity,
    observation_key as row_key,
    user_id,
    source_system,
    source_account_id,
    raw_relation,
    raw_source_id,
    synced_at,
    metric_code,
    effective_start_at as start_at,
    effective_end_at as end_at,
    tz_evidence,
    local_date,
    local_date_rule
from vitals
union all
select
    'sleep_sessions' as entity,
    sleep_key as row_key,
    user_id,
    source_system,
    source_account_id,
    raw_relation,
    raw_source_id,
    synced_at,
    cast(null as {{ text }}) as metric_code,
    in_bed_start_at as start_at,
    in_bed_end_at as end_at,
    tz_evidence,
    local_date,
    local_date_rule
from sleeps
union all
select
    'workouts' as entity,
    workout_key as row_key,
    user_id,
    source_system,
    source_account_id,
    raw_relation,
    raw_source_id,
    synced_at,
    cast(null as {{ text }}) as metric_code,
    start_at,
    end_at,
    tz_evidence,
    local_date,
    local_date_rule
from workouts
union all
select
    'physiological_cycles' as entity,
    {{ surrogate_key(["'whoop'", 'cycles.source_account_id', 'cycles.cycle_id']) }} as row_key,
    accounts.user_id as user_id,
    'whoop' as source_system,
    cycles.source_account_id as source_account_id,
    'whoop_raw.cycles' as raw_relation,
    cycles.cycle_id as raw_source_id,
    cycles.synced_at as synced_at,
    cast(null as {{ text }}) as metric_code,
    cycles.cycle_start_at as start_at,
    cycles.cycle_end_at as end_at,
    cycles.tz_evidence as tz_evidence,
    cycles.local_date as local_date,
    cycles.local_date_rule as local_date_rule
from cycles
inner join accounts
    on
        cycles.source_account_id = accounts.source_account_id
        and accounts.source_system = 'whoop'
