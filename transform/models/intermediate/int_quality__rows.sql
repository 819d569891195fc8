-- What can have a finding against it, in one shape: all of canonical that the vendor still has. Weigh-ins are
-- made of values, and are judged by them.
{% set entities = [
    ('biometrics_vitals', 'observation_key', 'effective_start_at', 'effective_end_at'),
    ('sleep_sessions', 'sleep_key', 'in_bed_start_at', 'in_bed_end_at'),
    ('sleep_stages', 'stage_key', 'stage_start_at', 'stage_end_at'),
    ('workouts', 'workout_key', 'start_at', 'end_at'),
    ('physiological_cycles', 'cycle_key', 'cycle_start_at', 'cycle_end_at'),
    ('source_scores', 'score_key', 'effective_start_at', 'effective_end_at'),
] -%}
{% set text = dbt.type_string() -%}

{% for entity, key, start_at, end_at in entities -%}
select
    '{{ entity }}' as entity,
    {{ key }} as row_key,
    user_id,
    source_system,
    source_account_id,
    raw_relation,
    raw_source_id,
    synced_at,
    {{ 'metric_code' if entity == 'biometrics_vitals' else 'cast(null as ' ~ text ~ ')' }} as metric_code,
    {{ start_at }} as start_at,
    {{ end_at }} as end_at,
    tz_evidence,
    local_date,
    local_date_rule
from {{ ref(entity) }}
where deleted_at is null and {{ is_date_in_range('local_date') }}
union all
{% endfor -%}
-- Time in a zone has no time of its own.
select
    'workout_hr_zones' as entity,
    zone_key as row_key,
    user_id,
    source_system,
    source_account_id,
    raw_relation,
    raw_source_id,
    synced_at,
    cast(null as {{ text }}) as metric_code,
    cast(null as timestamptz) as start_at,
    cast(null as timestamptz) as end_at,
    cast(null as {{ text }}) as tz_evidence,
    local_date,
    local_date_rule
from {{ ref('workout_hr_zones') }}
where deleted_at is null and {{ is_date_in_range('local_date') }}
