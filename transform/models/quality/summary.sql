-- One glance at a day: what each source told of it, and what is wrong with that. Grouped, not joined: all
-- may be thousands.
{% set text = dbt.type_string() -%}
{# What is missing comes first; of what is complete, the fullest. #}
{% set statuses = ['failed', 'not_yet_asked', 'pending_score', 'received', 'deleted', 'nothing_recorded'] -%}
{% set entities = [
    ('vitals', 'biometrics_vitals'),
    ('sleeps', 'sleep_sessions'),
    ('stages', 'sleep_stages'),
    ('workouts', 'workouts'),
    ('zones', 'workout_hr_zones'),
    ('cycles', 'physiological_cycles'),
    ('scores', 'source_scores'),
] -%}

with accounts as (
    select * from {{ ref('source_account') }}
),

ledger as (
    select
        coalesce(
            accounts.user_id, {{ own_user_id('entries.source_system', 'entries.source_account_id') }}
        ) as user_id,
        entries.source_system as source_system,
        entries.local_date as local_date,
        entries.asked_at as asked_at,
        case entries.status
            {% for status in statuses -%}
            when '{{ status }}' then {{ loop.index }}
            {% endfor -%}
        end as status_rank
    from {{ ref('coverage_ledger') }} as entries
    left join accounts
        on
            entries.source_system = accounts.source_system
            and entries.source_account_id = accounts.source_account_id
),

facts as (
    select
        user_id,
        source_system,
        local_date,
        entity,
        case when tz_evidence = 'default' then 1 end as is_default_time,
        cast(null as {{ text }}) as severity,
        cast(null as integer) as status_rank,
        synced_at,
        cast(null as timestamptz) as asked_at
    from {{ ref('int_quality__rows') }}
    union all
    select
        user_id,
        source_system,
        local_date,
        cast(null as {{ text }}) as entity,
        cast(null as integer) as is_default_time,
        severity,
        cast(null as integer) as status_rank,
        cast(null as timestamptz) as synced_at,
        cast(null as timestamptz) as asked_at
    from {{ ref('rejects') }}
    union all
    select
        user_id,
        source_system,
        local_date,
        cast(null as {{ text }}) as entity,
        cast(null as integer) as is_default_time,
        cast(null as {{ text }}) as severity,
        status_rank,
        cast(null as timestamptz) as synced_at,
        asked_at
    from ledger
),

days as (
    select
        user_id,
        source_system,
        local_date,
        {% for name, entity in entities -%}
        count(case when entity = '{{ entity }}' then 1 end) as {{ name }},
        {% endfor -%}
        count(entity) as all_rows,
        count(case when severity = 'reject' then 1 end) as rejects,
        count(case when severity = 'warning' then 1 end) as warnings,
        count(is_default_time) as default_time_rows,
        min(status_rank) as status_rank,
        max(asked_at) as asked_at,
        max(coalesce(synced_at, asked_at)) as seen_at
    from facts
    group by user_id, source_system, local_date
)

select
    {{ surrogate_key(['user_id', 'source_system', stable_text('local_date', 'date')]) }} as summary_key,
    user_id,
    source_system,
    local_date,
    {% for name, _ in entities -%}
    {{ name }},
    {% endfor -%}
    rejects,
    warnings,
    default_time_rows,
    cast(
        {{ rounded_quotient('100.0 * default_time_rows', 'nullif(all_rows, 0)', 0) }} as integer
    ) as default_time_pct,
    case status_rank
        {% for status in statuses -%}
        when {{ loop.index }} then '{{ status }}'
        {% endfor -%}
    end as coverage_status,
    asked_at,
    max(seen_at) over (partition by user_id, source_system) as source_synced_at
from days
