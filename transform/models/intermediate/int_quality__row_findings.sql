-- What may be wrong with a row of any table: its time and its date.
with suspects as (
    select * from {{ ref('int_quality__rows') }}
    where
        local_date is null
        or tz_evidence = 'default'
        or end_at < start_at
        or entity = 'physiological_cycles'
),

dated as (
    select
        *,
        count(*) over (partition by entity, user_id, local_date) as rows_of_date
    from suspects
)

select
    entity,
    row_key,
    'no_local_date' as rule,
    'warning' as severity,
    'it belongs to no date' as reason
from suspects
where local_date is null
union all
select
    entity,
    row_key,
    'default_time' as rule,
    'warning' as severity,
    'its zone is not known: its local times are UTC' as reason
from suspects
where tz_evidence = 'default'
union all
select
    entity,
    row_key,
    'ends_before_start' as rule,
    'warning' as severity,
    'it ends before it starts' as reason
from suspects
where
    entity not in ('sleep_sessions', 'workouts')
    and end_at < start_at
union all
select
    entity,
    row_key,
    'shared_date' as rule,
    'warning' as severity,
    {{ dbt.concat([
        "cast(rows_of_date as " ~ dbt.type_string() ~ ")", "' cycles have its date, which it has by the rule '",
        'local_date_rule'
    ]) }} as reason
from dated
where
    entity = 'physiological_cycles'
    and local_date is not null
    and rows_of_date > 1
