-- One row per zone of a workout that has time in it: the vendor's zero means missing.
{% for zone_no in range(4) -%}
select
    {{ lineage_columns() }},
    modality,
    'withings_0_3' as zone_scheme,
    {{ zone_no }} as zone_no,
    hr_zone_{{ zone_no }}_s as duration_s
from {{ ref('stg_withings__workouts') }}
where hr_zone_{{ zone_no }}_s is not null
{% if not loop.last %}union all{% endif %}
{% endfor %}
