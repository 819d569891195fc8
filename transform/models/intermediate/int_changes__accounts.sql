-- The accounts whose rows may change, with whom they are and were of: a person's accounts have their
-- zones, episodes and choices in common.
{{ config(materialized='table') }}

with differences as (
    select * from {{ ref('int_changes__differences') }}
),

owners as (
    select
        source_system,
        source_account_id,
        user_id
    from {{ ref('source_account') }}
    union
    select
        source_system,
        source_account_id,
        input_key as user_id
    from {{ ref('built_inputs') }}
    where kind = 'account'
),

persons as (
    select distinct owners.user_id as user_id
    from owners
    inner join differences
        on
            differences.source_account_id is null
            or (
                owners.source_system = differences.source_system
                and owners.source_account_id = differences.source_account_id
            )
)

select
    source_system,
    source_account_id,
    user_id
from owners
where user_id in (select persons.user_id from persons)
