-- Every member that a table knows, as for WHOOP. The vendor gives no name. The zone is the one
-- that the account had in the newest answer with measures. From the base models, because the
-- staging of measures needs the zones of the users.
with profiles as (
    select * from {{ ref('stg_withings__profiles') }}
),

time_zones as (
    select * from {{ ref('stg_database__time_zones') }}
),

seen as (
    {% for model in [
        'profile', 'goals', 'devices', 'measure_groups', 'measures', 'activity', 'workouts',
        'sleep_summary', 'sleep_stages', 'heart_recordings'
    ] -%}
    select coalesce(user_id, 'unknown') as source_account_id from {{ ref('base_withings__' ~ model) }}
    {% if not loop.last %}union{% endif %}
    {% endfor %}
),

answers as (
    {% for model in ['measure_groups', 'measures'] -%}
    select
        coalesce(user_id, 'unknown') as source_account_id,
        timezone as account_tz_iana,
        max(synced_at) as synced_at
    from {{ ref('base_withings__' ~ model) }}
    group by user_id, timezone
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

account_zones as (
    select
        answers.source_account_id as source_account_id,
        time_zones.tz_iana as tz_iana,
        row_number() over (
            partition by answers.source_account_id
            order by answers.synced_at desc, time_zones.tz_iana asc
        ) as recency_rank
    from answers
    inner join time_zones
        on answers.account_tz_iana = time_zones.tz_iana
)

select
    'withings' as source_system,
    seen.source_account_id as source_account_id,
    seen.source_account_id as raw_source_id,
    profiles.raw_relation as raw_relation,
    profiles.source_created_at as source_created_at,
    profiles.source_updated_at as source_updated_at,
    profiles.synced_at as synced_at,
    profiles.extracted_at as extracted_at,
    profiles.loaded_at as loaded_at,
    profiles.record_hash as record_hash,
    profiles.deleted_at as deleted_at,
    'self_reported' as modality,
    profiles.account_alias as account_alias,
    account_zones.tz_iana as default_tz_iana
from seen
left join profiles
    on seen.source_account_id = profiles.source_account_id
left join account_zones
    on
        seen.source_account_id = account_zones.source_account_id
        and account_zones.recency_rank = 1
