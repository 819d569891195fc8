-- What was slept against what was needed. A night that nobody knows of is missing, not sleepless.
{% set default_need_s = 28800 -%}
{% set nights_needed = 10 -%}

with nights as (
    select
        user_id,
        local_date,
        sleep_status,
        sleep_need_s,
        -- Counts up at each word of the vendor: what follows is of its group until the next.
        count(sleep_need_s) over (
            partition by user_id
            order by local_date
            rows between unbounded preceding and current row
        ) as need_no,
        asleep_s + case when naps > 0 then nap_asleep_s else 0 end as slept_s
    from {{ ref('daily_facts') }}
),

needs as (
    select
        *,
        max(sleep_need_s) over (partition by user_id, need_no) as last_need_s
    from nights
),

debts as (
    select
        *,
        coalesce(last_need_s, {{ default_need_s }}) - slept_s as debt_s
    from needs
),

summed as (
    select
        *,
        count(debt_s) over (
            partition by user_id
            order by local_date
            rows between 13 preceding and current row
        ) as nights_known,
        sum(debt_s) over (
            partition by user_id
            order by local_date
            rows between 13 preceding and current row
        ) as known_debt_s
    from debts
)

select
    user_id,
    local_date,
    sleep_status,
    coalesce(last_need_s, {{ default_need_s }}) as need_s,
    case
        when sleep_need_s is not null then 'vendor'
        when last_need_s is not null then 'last_known'
        else 'default'
    end as need_evidence,
    slept_s,
    debt_s,
    case when nights_known >= {{ nights_needed }} then known_debt_s end as debt_14d_s,
    cast(14 - nights_known as integer) as nights_missing_14d
from summed
