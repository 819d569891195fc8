-- The dates of each person, from the first to the newest that a sync or a fact is of, and what the
-- vendors have told of each domain.
{{ config(materialized='table') }}
{% set domains = ['sleep', 'recovery', 'activity', 'workouts', 'body'] -%}

with accounts as (
    select
        user_id,
        source_system,
        source_account_id
    from {{ ref('source_account') }}
),

-- An attempt that failed is as good as none, and what was deleted as if it had never been.
told as (
    select
        accounts.user_id as user_id,
        ledger.local_date as local_date,
        domains.domain_code as domain_code,
        max(case when ledger.status = 'pending_score' then 1 else 0 end) as is_pending,
        max(case when ledger.status in ('not_yet_asked', 'failed') then 1 else 0 end) as is_unknown,
        max(case when ledger.status = 'received' then 1 else 0 end) as is_received
    from {{ ref('coverage_ledger') }} as ledger
    inner join {{ ref('domain_streams') }} as domains
        on
            ledger.source_system = domains.source_system
            and ledger.stream = domains.stream
    inner join accounts
        on
            ledger.source_system = accounts.source_system
            and ledger.source_account_id = accounts.source_account_id
    group by accounts.user_id, ledger.local_date, domains.domain_code
),

told_domains as (
    select
        user_id,
        local_date,
        domain_code,
        case
            when is_pending = 1 then 'pending_score'
            when is_unknown = 1 then 'not_yet_asked'
            when is_received = 1 then 'received'
            else 'nothing_recorded'
        end as told
    from told
),

told_dates as (
    select
        user_id,
        local_date,
        {% for domain in domains -%}
        max(case when domain_code = '{{ domain }}' then told end) as {{ domain }}_told
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from told_domains
    group by user_id, local_date
),

-- A domain that no stream of the person's was ever asked about has no source.
asked as (
    select
        user_id,
        {% for domain in domains -%}
        max(case when domain_code = '{{ domain }}' then 'not_yet_asked' end) as {{ domain }}_untold
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from told_domains
    group by user_id
),

-- A date is over when it is for all accounts.
dates as (
    select
        accounts.user_id as user_id,
        local_days.local_date as local_date,
        min(case when local_days.is_over then 1 else 0 end) as is_over
    from {{ ref('int_sync__local_days') }} as local_days
    inner join accounts
        on
            local_days.source_system = accounts.source_system
            and local_days.source_account_id = accounts.source_account_id
    group by accounts.user_id, local_days.local_date
),

known_dates as (
    select
        user_id,
        local_date
    from told_dates
    union all
    select
        user_id,
        local_date
    from {{ ref('daily_fact_sources') }}
),

spans as (
    select
        user_id,
        min(local_date) as first_date,
        max(local_date) as last_date
    from known_dates
    group by user_id
),

days as (
    select
        spans.user_id as user_id,
        cast(calendar.midnight as date) as local_date
    from spans
    cross join lateral {{ dates_between('spans.first_date', 'spans.last_date') }} as calendar (midnight)
),

-- Laid upon each other, not joined: all three may be thousands.
stacked as (
    select
        user_id,
        local_date,
        1 as is_day,
        cast(null as integer) as is_over,
        {% for domain in domains -%}
        cast(null as {{ dbt.type_string() }}) as {{ domain }}_told
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from days
    union all
    select
        user_id,
        local_date,
        0 as is_day,
        is_over,
        {% for domain in domains -%}
        cast(null as {{ dbt.type_string() }}) as {{ domain }}_told
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from dates
    union all
    select
        user_id,
        local_date,
        0 as is_day,
        cast(null as integer) as is_over,
        {% for domain in domains -%}
        {{ domain }}_told
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from told_dates
),

flat as (
    select
        user_id,
        local_date,
        max(is_day) as is_day,
        coalesce(max(is_over), 1) = 1 as is_over,
        {% for domain in domains -%}
        max({{ domain }}_told) as {{ domain }}_told
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from stacked
    group by user_id, local_date
)

select
    flat.user_id as user_id,
    flat.local_date as local_date,
    flat.is_over as is_over,
    {% for domain in domains -%}
    coalesce(flat.{{ domain }}_told, asked.{{ domain }}_untold, 'no_source') as {{ domain }}_told
    {%- if not loop.last %},{% endif %}
    {% endfor %}
from flat
left join asked
    on flat.user_id = asked.user_id
where flat.is_day = 1
