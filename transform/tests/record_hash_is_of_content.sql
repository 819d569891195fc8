-- A record read again has the same hash, 70 equals 70.0, a column without a value changes
-- nothing, nor does what the vendor says of the whole answer; another value, or the same value
-- in another column, does.
{% set score = {'name': 'score', 'data_type': 'numeric'} %}
{% set strain = {'name': 'strain', 'data_type': 'numeric'} %}
{% set timezone = {'name': 'timezone', 'data_type': 'text', 'config': {'meta': {'of_the_answer': true}}} %}
{% set synced_at = {'name': 'synced_at', 'data_type': 'timestamp'} %}
{% set batched_at = {'name': '_sdc_batched_at', 'data_type': 'timestamp'} %}

{% set readings = [
    ('first', '70', 'null', '2026-01-01'),
    ('again', '70.0', 'null', '2026-02-01'),
    ('changed', '71', 'null', '2026-01-01'),
    ('moved', 'null', '70', '2026-01-01'),
] %}

with readings as (
    {% for reading, score_value, strain_value, read_at in readings %}
    select
        '{{ reading }}' as reading,
        cast({{ score_value }} as {{ engine_type('numeric') }}) as score,
        cast({{ strain_value }} as {{ engine_type('numeric') }}) as strain,
        '{{ read_at }}' as timezone,
        cast('{{ read_at }}' as timestamp) as synced_at,
        cast('{{ read_at }}' as timestamp) as _sdc_batched_at
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

hashed as (
    select
        reading,
        {{ record_hash([score, synced_at, batched_at]) }} as narrow_hash,
        {{ record_hash([synced_at, strain, timezone, batched_at, score]) }} as wide_hash
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
