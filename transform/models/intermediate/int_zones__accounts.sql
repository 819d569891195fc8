-- The zones of a person, for each account of the person.
with accounts as (
    select * from {{ ref('source_account') }}
),

user_zones as (
    select * from {{ ref('user_timezone_history') }}
)

select
    accounts.source_system as source_system,
    accounts.source_account_id as source_account_id,
    user_zones.valid_from as valid_from,
    user_zones.valid_to as valid_to,
    user_zones.tz_iana as tz_iana,
    user_zones.utc_offset_min as utc_offset_min,
    user_zones.evidence as evidence
from accounts
inner join user_zones
    on accounts.user_id = user_zones.user_id
