-- Every record that was loaded, whatever its table: key, content and times, nothing of its meaning.
{% set recordings_key = dbt.concat([
    stable_text('"timestamp"', 'timestamp'), "'|'", 'cast(ecg_signalid as text)', "'|'", 'deviceid'
]) -%}
{%- set days_key = dbt.concat([
    stable_text('date', 'date'), "'|'", 'cast(brand as text)', "'|'", 'deviceid'
]) -%}
{%- set tables = [
    ('whoop', 'user_basic_profile', 'user_id', none, none),
    ('whoop', 'user_body_measurement', 'user_id', none, none),
    ('whoop', 'cycles', 'id', 'start', 'updated_at'),
    ('whoop', 'sleeps', 'id', '"end"', 'updated_at'),
    ('whoop', 'recoveries', 'cycle_id', 'created_at', 'updated_at'),
    ('whoop', 'workouts', 'id', 'start', 'updated_at'),
    ('withings', 'profile', 'user_id', none, none),
    ('withings', 'devices', 'deviceid', none, none),
    ('withings', 'goals', 'user_id', none, none),
    ('withings', 'measure_groups', 'grpid', 'date', 'modified'),
    ('withings', 'measures', 'grpid', 'date', 'modified'),
    ('withings', 'activity', days_key, 'date', 'modified'),
    ('withings', 'intraday_activity', stable_text('"timestamp"', 'timestamp'), '"timestamp"', none),
    ('withings', 'workouts', 'id', 'startdate', 'modified'),
    ('withings', 'sleep_summary', 'id', 'enddate', 'modified'),
    ('withings', 'sleep_stages', withings_stage_key(), 'startdate', none),
    ('withings', 'heart_recordings', recordings_key, '"timestamp"', 'modified'),
    ('withings', 'ecg_signals', 'signalid', '"timestamp"', none),
] -%}

{% for source_system, table, key, recorded_at, updated_at in tables -%}
select
    '{{ source_system }}' as source_system,
    coalesce(cast(user_id as {{ dbt.type_string() }}), 'unknown') as source_account_id,
    '{{ table }}' as stream,
    '{{ source_system }}_raw.{{ table }}' as raw_relation,
    cast({{ key }} as {{ dbt.type_string() }}) as raw_source_id,
    {{ to_utc('cast(' ~ (recorded_at or 'null') ~ ' as timestamp)') }} as recorded_at,
    {{ to_utc('cast(' ~ (updated_at or 'null') ~ ' as timestamp)') }} as source_updated_at,
    {{ to_utc('synced_at') }} as synced_at,
    record_hash,
    raw as record
from {{ ref('base_' ~ source_system ~ '__' ~ table) }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
