-- What a picture of many days has to mention: where the clock was set anew, and which number was another
-- one before.
{% set instant = stable_text(to_local('changed_at', 0), 'timestamp') -%}
{% set nameless = 'another zone' -%}

with zone_changes as (
    select * from {{ ref('int_events__zone_changes') }}
),

re_scores as (
    select * from {{ ref('int_events__re_scores') }}
),

hours as (
    select
        *,
        {{ rounded_quotient('cast(moved_min as ' ~ engine_type('numeric') ~ ')', '60', 2) }} as moved_h
    from zone_changes
)

select
    {{ surrogate_key(["'zone_change'", 'user_id', instant]) }} as event_key,
    user_id,
    local_date,
    'zone_change' as kind,
    changed_at,
    'Clock '
    || case when moved_min > 0 then '+' else '' end
    || {{ stable_text('moved_h', 'numeric') }}
    || ' h: '
    || coalesce(previous_tz_iana, '{{ nameless }}')
    || ' to '
    || coalesce(tz_iana, '{{ nameless }}') as event_text
from hours
union all
select
    {{ surrogate_key([
        "'re_score'", 'user_id', 'score_code', 'raw_source_id', instant
    ]) }} as event_key,
    user_id,
    local_date,
    're_score' as kind,
    changed_at,
    score_code
    || ' was '
    || {{ stable_text('previous_num', 'numeric') }}
    || ', is '
    || {{ stable_text('value_num', 'numeric') }} as event_text
from re_scores
