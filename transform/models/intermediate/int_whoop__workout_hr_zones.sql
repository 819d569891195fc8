-- One row per zone of a scored workout. Zero is a value: no time in the zone.
{% for zone_no in range(6) -%}
select
    {{ lineage_columns() }},
    modality,
    'whoop_0_5' as zone_scheme,
    {{ zone_no }} as zone_no,
    hr_zone_{{ zone_no }}_s as duration_s
from {{ ref('stg_whoop__workouts') }}
where hr_zone_{{ zone_no }}_s is not null
{% if not loop.last %}union all{% endif %}
{% endfor %}
