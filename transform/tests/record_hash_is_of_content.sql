-- A record read again under another alias has the same hash, 70 equals 70.0, a column without
-- a value changes nothing; another value, or the same value in another column, does.
{% set score = {'name': 'score', 'data_type': 'numeric'} %}
{% set strain = {'name': 'strain', 'data_type': 'numeric'} %}
{% set synced_at = {'name': 'synced_at', 'data_type': 'timestamp'} %}
{% set account = {'name': 'account', 'data_type': 'text'} %}

with records as (
    select
        'first' as reading,
        cast(70 as numeric) as score,
        cast(null as numeric) as strain,
        cast('2026-01-01' as timestamp) as synced_at,
        'mine' as account
    union all
    select 'again', 70.0, null, cast('2026-02-01' as timestamp), 'renamed'
    union all
    select 'changed', 71, null, cast('2026-02-01' as timestamp), 'mine'
    union all
    select 'moved', null, 70, cast('2026-02-01' as timestamp), 'mine'
),

hashed as (
    select
        reading,
        {{ record_hash([score, synced_at, account]) }} as narrow_hash,
        {{ record_hash([synced_at, strain, score]) }} as wide_hash
    from records
)

select
    later.reading
from hashed as earlier
inner join hashed as later
    on earlier.reading = 'first'
where
    (later.reading in ('first', 'again') and later.wide_hash <> earlier.narrow_hash)
    or (later.reading in ('changed', 'moved') and later.wide_hash = earlier.wide_hash)
