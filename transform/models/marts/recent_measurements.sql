-- The last 90 days of each metric, counted back from its own newest value: what was measured once, long
-- ago, is still the newest.
with vitals as not materialized (
    select
        *,
        case when statistic = 'mean' then context end as mean_of,
        coalesce(effective_end_at, effective_start_at) as measured_at,
        coalesce(effective_end_local, effective_start_local) as measured_local,
        case when context = 'profile' then 1 else 0 end as is_profile
    from {{ ref('biometrics_vitals') }}
    where is_preferred and effective_start_at is not null
),

series as (
    select
        user_id,
        metric_code,
        body_position,
        statistic,
        mean_of,
        is_profile,
        max(measured_at) as newest_at,
        max(local_date) as newest_date
    from vitals
    group by user_id, metric_code, body_position, statistic, mean_of, is_profile
),

-- What a profile says is of no date, and stands back where anything was measured.
marked as (
    select
        *,
        min(is_profile) over (partition by user_id, metric_code) as least_profile,
        max(case when is_profile = 0 then newest_date end) over (partition by user_id) as newest_of_all
    from series
),

recent as (
    select
        vitals.*,
        marked.newest_of_all as newest_of_all
    from vitals
    inner join marked
        on
            vitals.user_id = marked.user_id
            and vitals.metric_code = marked.metric_code
            and vitals.is_profile = marked.is_profile
            and vitals.body_position is not distinct from marked.body_position
            and vitals.statistic is not distinct from marked.statistic
            and vitals.mean_of is not distinct from marked.mean_of
    where
        marked.is_profile = marked.least_profile
        and vitals.measured_at > {{ dbt.dateadd('day', -90, 'marked.newest_at') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by user_id, metric_code, body_position, statistic, mean_of
            order by measured_at desc, effective_start_at desc, observation_key asc
        ) as recency_rank
    from recent
)

select
    ranked.observation_key as observation_key,
    ranked.user_id as user_id,
    ranked.metric_code as metric_code,
    ranked.category as category,
    ranked.body_position as body_position,
    ranked.statistic as statistic,
    ranked.context as context,
    ranked.value_num as value_num,
    ranked.value_text as value_text,
    ranked.ucum_unit as ucum_unit,
    ranked.recency_rank = 1 as is_newest,
    ranked.effective_end_at is null as is_partial,
    ranked.measured_at as measured_at,
    ranked.measured_local as measured_local,
    ranked.local_date as local_date,
    case
        when ranked.is_profile = 0
            then cast({{ dbt.datediff('ranked.local_date', 'ranked.newest_of_all', 'day') }} as integer)
    end as days_ago,
    ranked.modality as modality,
    ranked.source_system as source_system,
    ranked.device_key as device_key,
    devices.manufacturer as manufacturer,
    devices.device_model as device_model,
    ranked.raw_relation as raw_relation,
    ranked.source_account_id as source_account_id,
    ranked.raw_source_id as raw_source_id,
    ranked.synced_at as synced_at
from ranked
left join {{ ref('device') }} as devices
    on ranked.device_key = devices.device_key
