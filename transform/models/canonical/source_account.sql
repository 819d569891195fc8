-- Whose account it is: as the user said, else by the alias, else a person of its own. An alias that two
-- accounts of one vendor have had says nothing.
with accounts as (
    select * from {{ ref('input__source_accounts') }}
),

owners as (
    select * from {{ ref('account_owners') }}
),

unclaimed as (
    select
        accounts.source_system as source_system,
        accounts.source_account_id as source_account_id,
        accounts.account_alias as account_alias
    from accounts
    left join owners
        on
            accounts.source_system = owners.source_system
            and accounts.source_account_id = owners.source_account_id
    where owners.user_id is null
),

aliases as (
    select account_alias
    from unclaimed
    where account_alias is not null
    group by account_alias
    having count(*) = count(distinct source_system)
)

select
    {{ surrogate_key(['accounts.source_system', 'accounts.source_account_id']) }} as source_account_key,
    coalesce(
        owners.user_id,
        aliases.account_alias,
        {{ own_user_id('accounts.source_system', 'accounts.source_account_id') }}
    ) as user_id,
    {{ lineage_columns('accounts') }},
    accounts.deleted_at is not null as is_deleted,
    accounts.account_alias as account_alias,
    case
        when owners.user_id is not null then 'account_owners'
        when aliases.account_alias is not null then 'alias'
        else 'account'
    end as owner_evidence
from accounts
left join owners
    on
        accounts.source_system = owners.source_system
        and accounts.source_account_id = owners.source_account_id
left join aliases
    on accounts.account_alias = aliases.account_alias
