-- Every member that any table knows, so that a fact always finds its user: the profile
-- stream may be deselected or fail.
with profiles as (
    select * from {{ ref('stg_whoop__profiles') }}
),

seen as (
    {% for model in ['profiles', 'body_measurements', 'cycles', 'sleeps', 'recoveries', 'workouts'] -%}
    select source_account_id from {{ ref('stg_whoop__' ~ model) }}
    {% if not loop.last %}union{% endif %}
    {% endfor %}
),

offsets as (
    select
        source_account_id,
        cycle_start_at as observed_at,
        utc_offset_min
    from {{ ref('stg_whoop__cycles') }}
    where deleted_at is null
    union all
    select
        source_account_id,
        in_bed_start_at as observed_at,
        in_bed_end_utc_offset_min as utc_offset_min
    from {{ ref('stg_whoop__sleeps') }}
    where deleted_at is null
    union all
    select
        source_account_id,
        start_at as observed_at,
        end_utc_offset_min as utc_offset_min
    from {{ ref('stg_whoop__workouts') }}
    where deleted_at is null
),

latest_offsets as (
    select
        source_account_id,
        utc_offset_min,
        row_number() over (
            partition by source_account_id
            order by observed_at desc, utc_offset_min desc
        ) as recency_rank
    from offsets
    where observed_at is not null and utc_offset_min is not null
)

select
    'whoop' as source_system,
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
    profiles.first_name as first_name,
    profiles.last_name as last_name,
    profiles.email as email,
    latest_offsets.utc_offset_min as default_utc_offset_min
from seen
left join profiles
    on seen.source_account_id = profiles.source_account_id
left join latest_offsets
    on
        seen.source_account_id = latest_offsets.source_account_id
        and latest_offsets.recency_rank = 1
