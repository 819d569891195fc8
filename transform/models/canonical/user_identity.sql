-- A person has a name from one account, the first that knows any; the zone and the offset likewise.
with accounts as (
    select * from {{ ref('input__source_accounts') }}
),

owners as (
    select
        source_system,
        source_account_id,
        user_id
    from {{ ref('source_account') }}
),

ranked as (
    select
        owners.user_id as user_id,
        {{ lineage_columns('accounts') }},
        accounts.modality as modality,
        accounts.first_name as first_name,
        accounts.last_name as last_name,
        accounts.email as email,
        accounts.default_utc_offset_min as default_utc_offset_min,
        accounts.default_tz_iana as default_tz_iana,
        row_number() over (
            partition by owners.user_id
            order by
                case
                    when coalesce(accounts.first_name, accounts.last_name, accounts.email) is null then 1
                    else 0
                end,
                accounts.source_system,
                accounts.source_account_id
        ) as name_rank,
        row_number() over (
            partition by owners.user_id
            order by
                case when accounts.default_utc_offset_min is null then 1 else 0 end,
                accounts.source_system,
                accounts.source_account_id
        ) as offset_rank,
        row_number() over (
            partition by owners.user_id
            order by
                case when accounts.default_tz_iana is null then 1 else 0 end,
                accounts.source_system,
                accounts.source_account_id
        ) as zone_rank
    from accounts
    inner join owners
        on
            accounts.source_system = owners.source_system
            and accounts.source_account_id = owners.source_account_id
),

defaults as (
    select
        user_id,
        max(case when offset_rank = 1 then default_utc_offset_min end) as default_utc_offset_min,
        max(case when zone_rank = 1 then default_tz_iana end) as default_tz_iana
    from ranked
    group by user_id
)

select
    {{ canonical_lineage('ranked') }},
    ranked.modality as modality,
    coalesce(
        nullif(
            trim({{ dbt.concat([
                "coalesce(ranked.first_name, '')", "' '", "coalesce(ranked.last_name, '')"
            ]) }}),
            ''
        ),
        ranked.user_id
    ) as display_name,
    ranked.first_name as first_name,
    ranked.last_name as last_name,
    ranked.email as email,
    defaults.default_utc_offset_min as default_utc_offset_min,
    defaults.default_tz_iana as default_tz_iana
from ranked
inner join defaults
    on ranked.user_id = defaults.user_id
where ranked.name_rank = 1
