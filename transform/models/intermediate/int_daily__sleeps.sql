-- What each sleep is for its date: `night`, `nap`, or the one whose `need` counts.
with sessions as (
    select
        *,
        case when is_nap is null and is_main_sleep then 0 else 1 end as is_told,
        case
            when source_rank is not null and is_main_sleep and need_baseline_s + need_strain_s is not null
                then 1
            else 0
        end as has_need
    from {{ ref('sleep_sessions') }}
    where {{ is_date_in_range('local_date') }}
),

-- A source that does not tell naps has a main sleep of each date. That is the night, unless another
-- source says which is; of several the longest.
preferred as (
    select
        *,
        max(case when not is_nap then 1 else 0 end) over (partition by user_id, local_date) as is_night_told,
        row_number() over (
            partition by user_id, local_date, is_told
            order by
                {{ seconds_between('in_bed_start_at', 'in_bed_end_at') }} desc,
                in_bed_end_at desc,
                sleep_key asc
        ) as length_rank
    from sessions
    where is_preferred
),

-- Need is the vendor's word, whosever night is shown.
ranked_needs as (
    select
        sleep_key,
        row_number() over (
            partition by user_id, local_date
            order by source_rank asc, in_bed_start_at desc, sleep_key asc
        ) as need_rank
    from sessions
    where has_need = 1
)

select
    sleep_key,
    case
        when not is_nap then 'night'
        when is_told = 0 and is_night_told = 0 and length_rank = 1 then 'night'
        else 'nap'
    end as part_of_day
from preferred
union all
select
    sleep_key,
    'need' as part_of_day
from ranked_needs
where need_rank = 1
