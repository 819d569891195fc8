-- The stages are the time in bed, to the minute. A source that does not tell the time without data may leave
-- time out that it does not tell either, such as that out of bed: there, only too much is wrong.
with sleeps as (
    select * from {{ ref('sleep_sessions') }}
    where {{ is_date_in_range('local_date') }} and deleted_at is null
),

added_up as (
    select
        sleep_key,
        no_data_s,
        light_s + deep_s + rem_s + awake_s + coalesce(no_data_s, 0) - in_bed_s as excess_s
    from sleeps
)

select
    'sleep_sessions' as entity,
    sleep_key as row_key,
    'stages_do_not_add_up' as rule,
    'warning' as severity,
    case
        when excess_s > 60 then 'the stages are longer than the time in bed'
        else 'the stages are shorter than the time in bed'
    end as reason
from added_up
where
    excess_s > 60
    or (no_data_s is not null and excess_s < -60)
