-- Sleeps and workouts are judged alike: by their own times, then by those of the sessions around them.
{% set text = dbt.type_string() -%}

with sleeps as (
    select * from {{ ref('sleep_sessions') }}
    where {{ is_date_in_range('local_date') }} and deleted_at is null
),

workouts as (
    select * from {{ ref('workouts') }}
    where {{ is_date_in_range('local_date') }} and deleted_at is null
),

sessions as (
    select
        'sleep_sessions' as entity,
        sleep_key as row_key,
        source_system,
        source_account_id,
        device_key,
        in_bed_start_at as start_at,
        in_bed_end_at as end_at,
        episode_id,
        is_echo,
        {{ sleep_reject_rule() }} as reject_rule
    from sleeps
    union all
    select
        'workouts' as entity,
        workout_key as row_key,
        source_system,
        source_account_id,
        device_key,
        start_at,
        end_at,
        episode_id,
        is_echo,
        {{ workout_reject_rule() }} as reject_rule
    from workouts
),

-- One that cannot be true says nothing of the others.
measured as (
    select
        *,
        max(end_at) over (
            partition by entity, source_system, source_account_id, device_key
            order by start_at, end_at, row_key
            rows between unbounded preceding and 1 preceding
        ) as earlier_end_at,
        {{ seconds_between(
            'min(start_at) over (partition by episode_id)', 'max(end_at) over (partition by episode_id)'
        ) }} as episode_s,
        max({{ seconds_between('start_at', 'end_at') }}) over (partition by episode_id) as longest_s
    from sessions
    where episode_id is not null
)

select
    entity,
    row_key,
    reject_rule as rule,
    'reject' as severity,
    case reject_rule
        when 'ends_before_start' then 'it ends before it starts'
        when 'too_long' then 'it lasts too long to be true'
        when 'asleep_exceeds_in_bed' then 'more sleep than time in bed'
    end as reason
from sessions
where reject_rule is not null
union all
select
    entity,
    row_key,
    'no_time' as rule,
    'warning' as severity,
    'its start or its end is not known: it is of no episode' as reason
from sessions
where start_at is null or end_at is null
union all
select
    entity,
    row_key,
    'overlaps_own_source' as rule,
    'warning' as severity,
    {{ dbt.concat([
        "'it begins '", "cast(cast(floor(" ~ seconds_between('start_at', 'earlier_end_at') ~ ") as bigint) as "
        ~ text ~ ")", "' s before an earlier one of the same device ends'"
    ]) }} as reason
from measured
where start_at < earlier_end_at
union all
select
    entity,
    row_key,
    'echo' as rule,
    'warning' as severity,
    'a copy that another source passed on' as reason
from measured
where is_echo
union all
select
    entity,
    row_key,
    'chained_episode' as rule,
    'warning' as severity,
    'its episode is more than a quarter longer than its longest session' as reason
from measured
where episode_s > 1.25 * longest_s
