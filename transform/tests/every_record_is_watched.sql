-- What changes in a raw table that `int_changes__record_inputs` does not read reaches no canonical row before
-- a full build. Say in the sources YAML when a record of the table was: `meta: {span: [from, until]}`.
{% set models = [
    'biometrics_vitals', 'physiological_cycles', 'sleep_sessions', 'sleep_stages', 'source_scores',
    'workout_hr_zones', 'workouts'
] -%}

with made_of as (
    {% for model in models -%}
    select raw_relation from {{ ref(model) }}
    {% if not loop.last %}union{% endif %}
    {% endfor %}
)

select raw_relation
from made_of
where
    true
    {% for table in watched_tables() -%}
    and raw_relation <> '{{ table.relation }}'
    {% endfor %}
