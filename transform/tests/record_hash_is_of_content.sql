-- A record read again, with another spelling of its text, has the same hash, 70 equals 70.0, a column without
-- a value changes nothing; another value, or the same value in another column, does.
{% set score = {'name': 'score', 'data_type': 'numeric'} %}
{% set strain = {'name': 'strain', 'data_type': 'numeric'} %}
{% set synced_at = {'name': 'synced_at', 'data_type': 'timestamp'} %}
{% set raw = {'name': 'raw', 'data_type': 'text'} %}

{% set readings = [
    ('first', '70', 'null', '2026-01-01', '70'),
    ('again', '70.0', 'null', '2026-02-01', '70.0'),
    ('changed', '71', 'null', '2026-01-01', '70'),
    ('moved', 'null', '70', '2026-01-01', '70'),
] %}

with readings as (
    {% for reading, score_value, strain_value, synced, spelling in readings %}
    select
        '{{ reading }}' as reading,
        cast({{ score_value }} as numeric) as score,
        cast({{ strain_value }} as numeric) as strain,
        cast('{{ synced }}' as timestamp) as synced_at,
        '{{ spelling }}' as raw
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

hashed as (
    select
        reading,
        {{ record_hash([score, synced_at, raw]) }} as narrow_hash,
        {{ record_hash([synced_at, strain, score]) }} as wide_hash
    from readings
)

select later.reading
from hashed as earlier
cross join hashed as later
where
    earlier.reading = 'first'
    and (
        (later.reading in ('first', 'again') and later.wide_hash <> earlier.narrow_hash)
        or (later.reading in ('changed', 'moved') and later.wide_hash = earlier.wide_hash)
    )
