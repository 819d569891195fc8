-- The vendor's codes are open sets: a new one goes through without a label, and is told here.
{{ config(severity='warn') }}

{% set uses = [
    ('measure_type', 'measures', 'type'),
    ('position', 'measures', 'position'),
    ('attrib', 'measures', 'attrib'),
    ('category', 'measures', 'category'),
    ('workout_category', 'workouts', 'category'),
    ('sleep_state', 'sleep_stages', 'state'),
    ('brand', 'activity', 'brand'),
] -%}

{% for kind, table, code in uses %}
select distinct
    '{{ kind }}' as kind,
    {{ code }} as code
from {{ ref('base_withings__' ~ table) }}
where
    {{ code }} <> -1
    and {{ code }} not in (
        select codes.code
        from {{ ref('withings_code') }} as codes
        where codes.kind = '{{ kind }}'
    )
{% if not loop.last %}union all{% endif %}
{% endfor %}
